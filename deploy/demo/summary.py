"""What the demo found out."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

from rich.table import Table

from deploy.demo.stream import Stream
from schemas import DeadLetter, Label


@dataclass(frozen=True)
class Summary:
    """The figures; shares and scores from 0 to 1."""

    produced: int
    labelled: int
    dead_lettered: int
    deferred_share: float
    """Of labels that the last stage decided."""
    decided_by: dict[str, float]
    """Share of labels by stage, from the first one."""
    tweets_per_second: float
    accuracy: float | None
    f1: float | None
    """Both None where no tweet's truth is known to be unseen by the cascade."""
    scored: int
    """Labels that accuracy and F1 are over."""
    scored_texts: int
    """Different texts among them."""
    data: str
    model_version: str
    dead_letters: dict[str, int]

    @property
    def complete(self) -> bool:
        """Whether every record that was produced came out."""
        return self.labelled + self.dead_lettered == self.produced

    def as_dict(self) -> dict[str, Any]:
        """Return the figures for JSON."""
        return asdict(self)


def summarize(
    stream: Stream, labels: Sequence[Label], letters: Sequence[DeadLetter], started: float, stages: Sequence[str]
) -> Summary:
    """Sum up a run.

    Args:
        stream: what was played.
        labels: what came out, in any order.
        letters: the dead letters.
        started: when the first record was produced, in seconds since 1970.
        stages: their names, from the first to the last.

    """
    ended = max((label.labelled_at.timestamp() for label in labels), default=started)
    truth = _truth(stream, labels)
    decided = Counter(label.stage for label in labels)
    decided_by = {stage: decided[stage] / max(1, len(labels)) for stage in stages}
    accuracy, f1 = _score(truth)
    return Summary(
        produced=len(stream),
        labelled=len({label.id for label in labels}),
        dead_lettered=len({(letter.partition, letter.offset) for letter in letters}),
        deferred_share=decided_by[stages[-1]],
        decided_by=decided_by,
        tweets_per_second=len(labels) / max(1e-3, ended - started),
        accuracy=accuracy,
        f1=f1,
        scored=len(truth),
        scored_texts=len({text for text, _, _ in truth}),
        data=stream.file.data,
        model_version=labels[0].model_version if labels else "",
        dead_letters=dict(Counter(letter.reason.value for letter in letters)),
    )


def _truth(stream: Stream, labels: Sequence[Label]) -> list[tuple[str, int, int]]:
    """Return text, truth and verdict of the tweets whose truth is known and that the cascade had not seen."""
    verdicts = {label.id: label.target for label in labels}
    return [
        (tweet.text, tweet.target, verdicts[tweet.id])
        for tweet in stream.file.tweets
        if tweet.target is not None and tweet.id in verdicts
    ]


def _score(truth: Sequence[tuple[str, int, int]]) -> tuple[float | None, float | None]:
    """Return accuracy and weighted F1; None where there is nothing to score."""
    from sklearn.metrics import accuracy_score, f1_score

    if not truth:
        return None, None
    _, targets, verdicts = zip(*truth, strict=True)
    return float(accuracy_score(targets, verdicts)), float(f1_score(targets, verdicts, average="weighted"))


def summary_table(summary: Summary, metrics_url: str) -> Table:
    """Return the figures as people read them."""
    table = Table(title="What happened", show_header=False, title_justify="left")
    table.add_column(style="dim")
    table.add_column(overflow="fold")
    reasons = ", ".join(f"{count} {reason}" for reason, count in sorted(summary.dead_letters.items()))
    for name, value in (
        ("records produced", f"{summary.produced:,}"),
        ("tweets labelled", f"{summary.labelled:,}"),
        ("dead-lettered", f"{summary.dead_lettered:,} ({reasons})"),
        ("decided by", ", ".join(f"{stage} {share:.1%}" for stage, share in summary.decided_by.items())),
        (
            "throughput",
            f"{summary.tweets_per_second:,.0f} tweets/s, from the first sent to the last labelled",
        ),
        ("accuracy, F1", _score_text(summary)),
        ("data", f"{summary.data}, cascade {summary.model_version}"),
        ("metrics", f"were at {metrics_url}"),
    ):
        table.add_row(name, value)
    return table


def _score_text(summary: Summary) -> str:
    if summary.accuracy is None:
        return "not scored: the cascade was trained on other data and may have seen these tweets"
    tweets = f"{summary.scored_texts:,} tweets that the cascade had not seen"
    return f"{summary.accuracy:.1%}, {summary.f1:.3f} (weighted) over {tweets}"
