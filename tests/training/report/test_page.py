"""The HTML reports."""

import re
from dataclasses import replace
from datetime import UTC, datetime
from html.parser import HTMLParser

import numpy as np
import pytest

from schemas import CLASSES, FORMAT, Band, DataFacts, Manifest, StageSpec
from tests.training.cascade.test_bands import drawn
from training.benchmark.errors import Mistake
from training.benchmark.experiment import Experiment
from training.benchmark.results import ResultRow, compare_models, result_row
from training.cascade.candidates import decide_by_folds, evaluate_chains
from training.cascade.fit import FitResult
from training.cascade.folds import split_folds
from training.cascade.out_of_fold import CrossValidation, OutOfFold
from training.cascade.policy import build_policy, cross_validated_metrics
from training.cascade.selection import Goal, choose
from training.pictures.frontier import frontier
from training.report import cascade
from training.report.page import Findings, render

TARGETS = np.array([0, 1] * 20)
NASTY = '<script>alert("1")</script> & {{ 7 * 7 }} \u202e\x07'


def experiment(name: str, skill: float, seconds: float, *, learns: bool = False) -> Experiment:
    """Return an experiment whose probabilities are correct to the degree of `skill`."""
    noise = np.random.default_rng(len(name)).uniform(0, 1, len(TARGETS))
    p = skill * TARGETS + (1 - skill) * noise
    epochs = [{"loss": 0.5, "accuracy": 0.8, "val_loss": 0.6, "val_accuracy": 0.7}] * 5 if learns else []
    return Experiment(name, 42, p, p, epochs, 10, 5, 2.0, seconds)


@pytest.fixture(scope="module")
def findings() -> Findings:
    """Return the findings of a small benchmark."""
    first = {e.model: e for e in (experiment("baseline", 0.3, 0.01), experiment("lstm", 0.5, 0.2, learns=True))}
    everything = {**first, "best_vote": experiment("best_vote", 0.6, 0.21)}
    other = {e.model: replace(e, seed=43) for e in everything.values()}
    return Findings(
        rows=[result_row(e, TARGETS) for e in everything.values()],
        comparisons=compare_models([everything, other], TARGETS, TARGETS),
        experiments=everything,
        members={"best_vote": ("baseline", "lstm")},
        targets=TARGETS,
        chapter=None,
        wrong_of="lstm",
        mistakes=([Mistake(NASTY, 0, 0.99, "the same <i>again")], [Mistake("missed", 1, 0.01)]),
        facts={"data": "<b>mine</b>"},
        command="python -m training benchmark --out '<here>'",
    )


class Reader(HTMLParser):
    """Records ids, elements and addresses."""

    def __init__(self) -> None:
        super().__init__()
        self.ids: list[str] = []
        self.elements: list[str] = []
        self.addresses: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        """Record an element."""
        self.elements.append(tag)
        for name, value in attrs:
            if name == "id":
                self.ids.append(str(value))
            if name in {"src", "href", "xlink:href"}:
                self.addresses.append(str(value))


@pytest.fixture(scope="module")
def page(findings: Findings) -> str:
    """Return the report of the benchmark."""
    return render(findings)


def test_tweets_cannot_run(page: str) -> None:
    """Scripts, templates and markup in tweets are shown, not executed."""
    reader = Reader()
    reader.feed(page)
    assert "script" not in reader.elements
    assert "<b>mine" not in page
    assert "&lt;script&gt;alert(&#34;1&#34;)&lt;/script&gt; &amp; {{ 7 * 7 }}" in page
    assert "&lt;b&gt;mine" in page


def test_the_page_is_self_contained(page: str) -> None:
    """The page needs no network: every address points to an element of the page, and ids are unique."""
    reader = Reader()
    reader.feed(page)
    assert all(address.startswith("#") and address[1:] in reader.ids for address in reader.addresses)
    assert all(address in reader.ids for address in re.findall(r"url\(#([^)]+)\)", page))
    assert len(set(reader.ids)) == len(reader.ids)
    assert not re.search(r"@import|url\(['\"]?http", page)


def test_the_page_shows_every_model_and_picture(page: str, findings: Findings) -> None:
    """The page has all models and eight pictures, drawn in the page's text color."""
    reader = Reader()
    reader.feed(page)
    assert reader.elements.count("svg") == 8
    assert all(row.model in page for row in findings.rows)
    assert "2 seeds" in page
    assert "disputed by</span> the same &lt;i&gt;again" in page
    assert "currentColor" in page
    assert "#010203" not in page


def test_the_frontier_is_not_dominated() -> None:
    """A model that is slower and worse than another is not on the frontier."""

    def found(model: str, seconds: float, f1: float) -> ResultRow:
        return ResultRow(model, 0, 0, 0, f1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, seconds, 1 / seconds)

    rows = [found("slow and best", 3, 0.9), found("beaten", 2, 0.6), found("middle", 1, 0.7), found("fast", 0.1, 0.5)]
    assert [r.model for r in frontier(rows, lambda r: r.seconds_per_tweet, lambda r: r.f1)] == [
        "fast",
        "middle",
        "slow and best",
    ]


def test_differences_are_relative_to_the_baseline(findings: Findings) -> None:
    """The baseline's difference is 0, the spread covers all seeds, and the row is of the first seed."""
    comparison = findings.comparisons["lstm"]
    baseline = findings.rows[0].accuracy
    assert findings.comparisons["baseline"].difference == (0, 0, 0)
    assert comparison.difference[0] == pytest.approx(findings.rows[1].accuracy - baseline)
    assert comparison.by_seed.keys() == {42, 43}
    assert comparison.spread.endswith("± 0.0000")


@pytest.fixture(scope="module")
def cascade_page() -> str:
    """Return the report of a cascade that was fitted to invented predictions, with hostile texts."""
    classifier_p, targets = drawn(300)
    probabilities = {"fast": classifier_p[:, 0], "strong": classifier_p[:, 1]}
    folds = split_folds(targets, seed=0)
    out_of_fold = OutOfFold(targets, probabilities, {"fast": 1e-5, "strong": 1e-3}, folds)
    validated = CrossValidation(out_of_fold, out_of_fold)
    candidates = evaluate_chains([("fast", "strong")], validated)
    chosen = choose(Goal(max_deferral=0.2), candidates)
    decisions = decide_by_folds(chosen, validated, out_of_fold)
    policy = build_policy(Goal(max_deferral=0.2), "cpu", "a <column>", chosen, candidates, validated, decisions)
    held_out = ["held_out_accuracy", "held_out_f1", "held_out_deferral", "held_out_calibration_error"]
    metrics = {**cross_validated_metrics(chosen, validated), **dict.fromkeys(held_out, 0.5)}
    stages = [
        StageSpec(name="fast", kind="sklearn", files={}, band=Band(low=0.3, high=0.7)),
        StageSpec(name="strong", kind="sklearn", files={}),
    ]
    manifest = Manifest(
        format=FORMAT, model_version="1", created_at=datetime.now(UTC), classes=CLASSES, stages=stages, files={},
        data=DataFacts(name="custom", sha256="0" * 64, train_rows=300, held_out_rows=30, split_seed=1), seed=1,
        versions={"python": "3"}, metrics=metrics, policy=policy,
    )  # fmt: skip
    return cascade.render(FitResult(manifest, candidates, chosen, decisions, [NASTY] * 300, targets))


def test_the_cascades_page_shows_the_choice(cascade_page: str) -> None:
    """The report shows chain, goal, stages, pictures, other limits and tweets near a boundary as searchable text."""
    for shown in (
        "fast &gt; strong",
        "at most 20% of the tweets",
        "unseen groups (a &lt;column&gt;)",
        "random folds",
        "reached by",
        "Accuracy by deferral",
        "nearest to its band",
        "other limits",
    ):
        assert shown in cascade_page
    assert cascade_page.count("<svg") == 5


def test_the_cascades_page_is_safe_and_self_contained(cascade_page: str) -> None:
    """The page has no script and no outside address, its ids are unique, and tweets are escaped."""
    reader = Reader()
    reader.feed(cascade_page)
    assert "script" not in reader.elements
    assert len(reader.ids) == len(set(reader.ids))
    assert all(address.startswith("#") for address in reader.addresses)
    assert "<script>alert" not in cascade_page
    assert "\u202e" not in cascade_page
