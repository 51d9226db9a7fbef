"""The HTML report of a benchmark."""

from dataclasses import dataclass
from pathlib import Path

from jinja2 import Environment, FileSystemLoader, StrictUndefined, Template

from schemas import CLASSES, ClassNames
from training.benchmark.errors import Mistake
from training.benchmark.experiment import Experiment
from training.benchmark.results import Comparison, ResultRow
from training.data.dataset import Targets
from training.pictures.comparison import draw


@dataclass(frozen=True)
class Findings:
    """The results that the report shows."""

    rows: list[ResultRow]
    comparisons: dict[str, Comparison]
    experiments: dict[str, Experiment]
    """By model, the ensembles last."""
    members: dict[str, tuple[str, ...]]
    """Names of the members, by ensemble."""
    targets: Targets
    """Of the held-out tweets, 0 or 1, shape (n,)."""
    chapter: dict[str, float] | None
    """Scores of the ensemble as the course's notebook averages it; None if a member is missing."""
    wrong_of: str
    """The model whose mistakes are shown."""
    mistakes: tuple[list[Mistake], list[Mistake]]
    """False positives and false negatives."""
    facts: dict[str, str]
    """Data, versions, machine and so on, in order."""
    command: str
    """The command line that reproduces the report."""
    classes: ClassNames = CLASSES
    """Names of the targets 0 and 1."""


def render(findings: Findings) -> str:
    """Return the report as HTML; text from tweets is escaped."""
    pictures = draw(findings.rows, findings.experiments, findings.members, findings.targets, findings.classes)
    best = max(findings.rows, key=lambda row: findings.comparisons[row.model].out_of_fold_accuracy)
    return template("page.html").render(f=findings, best=best, pictures=pictures)


def template(name: str) -> Template:
    """Return a template of this folder, with autoescaping."""
    environment = Environment(
        loader=FileSystemLoader(Path(__file__).parent), autoescape=True, undefined=StrictUndefined, trim_blocks=True
    )
    return environment.get_template(name)


def facts_table(**facts: object) -> dict[str, str]:
    """Return names and values as the report shows them: underscores of the names become spaces."""
    return {name.replace("_", " "): str(value) for name, value in facts.items()}
