"""Summary of the demo."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from deploy.demo.stream import Stream
from schemas import DeadLetter, Label


@dataclass(frozen=True)
class Summary:
    """Counts, and shares and scores from 0 to 1."""

    produced: int
    labelled: int
    dead_lettered: int
    deferred_share: float
    """Share of the labels that the last stage decided."""
    decided_by: dict[str, float]
    """Share of the labels by stage, in the stages' order."""
    tweets_per_second: float
    accuracy: float | None
    f1: float | None
    """Both None if the cascade may have been trained on every tweet of known class."""
    scored: int
    """Number of labels that accuracy and F1 are computed from."""
    scored_texts: int
    """Number of distinct texts among them."""
    data: str
    model_version: str
    dead_letters: dict[str, int]

    @property
    def complete(self) -> bool:
        """Whether every published record was labelled or dead-lettered."""
        return self.labelled + self.dead_lettered == self.produced

    def as_dict(self) -> dict[str, Any]:
        """Return the fields for JSON."""
        return asdict(self)


def summarize(
    stream: Stream, labels: Sequence[Label], dead_letters: Sequence[DeadLetter], started: float, stages: Sequence[str]
) -> Summary:
    """Return the summary of a run.

    Args:
        stream: the published stream.
        labels: the received labels, in any order.
        dead_letters: the received dead letters.
        started: time of the first record, in seconds since 1970.
        stages: names of the stages, in their order.

    """
    ended = max((label.labelled_at.timestamp() for label in labels), default=started)
    truth = _truth(stream, labels)
    decided = Counter(label.stage for label in labels)
    decided_by = {stage: decided[stage] / max(1, len(labels)) for stage in stages}
    accuracy, f1 = _score(truth)
    return Summary(
        produced=len(stream),
        labelled=len({label.id for label in labels}),
        dead_lettered=len({(dead.partition, dead.offset) for dead in dead_letters}),
        deferred_share=decided_by[stages[-1]],
        decided_by=decided_by,
        tweets_per_second=len(labels) / max(1e-3, ended - started),
        accuracy=accuracy,
        f1=f1,
        scored=len(truth),
        scored_texts=len({text for text, _, _ in truth}),
        data=stream.file.data,
        model_version=labels[0].model_version if labels else "",
        dead_letters=dict(Counter(dead.reason.value for dead in dead_letters)),
    )


def _truth(stream: Stream, labels: Sequence[Label]) -> list[tuple[str, int, int]]:
    """Return text, true and predicted target of the tweets of known class that the cascade was not trained on."""
    predicted = {label.id: label.target for label in labels}
    return [
        (tweet.text, tweet.target, predicted[tweet.id])
        for tweet in stream.file.tweets
        if tweet.target is not None and tweet.id in predicted
    ]


def _score(truth: Sequence[tuple[str, int, int]]) -> tuple[float | None, float | None]:
    """Return accuracy and weighted F1; None for both without tweets to score."""
    from sklearn.metrics import accuracy_score, f1_score

    if not truth:
        return None, None
    _, targets, predicted = zip(*truth, strict=True)
    return float(accuracy_score(targets, predicted)), float(f1_score(targets, predicted, average="weighted"))


def summary_table(summary: Summary, metrics_url: str) -> Table:
    """Return the summary as a table."""
    table = Table(title="Summary", show_header=False, title_justify="left")
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(summary.dead_letters.items()))
    for name, value in (
        ("records published", f"{summary.produced:,}"),
        ("tweets labelled", f"{summary.labelled:,}"),
        ("dead-lettered", f"{summary.dead_lettered:,} ({reasons})"),
        ("decided by", ", ".join(f"{stage} {share:.1%}" for stage, share in summary.decided_by.items())),
        (
            "throughput",
            f"{summary.tweets_per_second:,.0f} tweets/s, from the first published to the last labelled",
        ),
        ("accuracy, F1", _score_text(summary)),
        ("data", f"{summary.data}, cascade {summary.model_version}"),
        ("metrics", f"were at {metrics_url}"),
    ):
        table.add_row(name, value)
    return table


def _score_text(summary: Summary) -> str:
    if summary.accuracy is None:
        return "not scored: the cascade was trained on other data, which may include these tweets"
    tweets = f"{summary.scored_texts:,} tweets that the cascade was not trained on"
    return f"{summary.accuracy:.1%}, {summary.f1:.3f} (weighted) over {tweets}"
