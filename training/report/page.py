"""From what a benchmark found out to a page."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from training.benchmark.errors import Mistake
from training.benchmark.experiment import Experiment
from training.benchmark.results import Comparison, ResultRow
from training.data.dataset import Targets
from training.pictures.comparison import draw


@dataclass(frozen=True)
class Findings:
    """What the page shows."""

    rows: list[ResultRow]
    comparisons: dict[str, Comparison]
    experiments: dict[str, Experiment]
    """By model, the ensembles last."""
    members: dict[str, tuple[str, ...]]
    """Of each ensemble."""
    targets: Targets
    """Of the held-out tweets, shape (n,)."""
    chapter: dict[str, float] | None
    """Scores of the average as the chapter's notebook takes it; None where its members are missing."""
    wrong_of: str
    """The model whose mistakes are shown."""
    mistakes: tuple[list[Mistake], list[Mistake]]
    """False positives and false negatives."""
    facts: dict[str, str]
    """What else a reader wants to know, in order: data, versions, machine."""
    command: str
    """How to make it again."""


def render(findings: Findings) -> str:
    """Return the page's HTML; whatever comes from tweets is escaped."""
    pictures = draw(findings.rows, findings.experiments, findings.members, findings.targets)
    best = max(findings.rows, key=lambda row: findings.comparisons[row.model].out_of_fold_accuracy)
    return template("page.html").render(f=findings, best=best, pictures=pictures)


def template(name: str) -> Template:
    """Return a page of this folder that escapes what it is given."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template(name)


def facts_table(**facts: Any) -> dict[str, str]:  # noqa: ANN401 (anything with a string)
    """Return names and values as they are shown."""
    return {name.replace("_", " "): str(value) for name, value in facts.items()}
