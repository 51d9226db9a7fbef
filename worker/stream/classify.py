"""Classification of a batch: records in, labels and dead letters out. Pure: no I/O."""

from collections.abc import Sequence
from datetime import UTC, datetime

from schemas import CLASSES, DeadLetter, Reason, Tweet
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.shedding import Budget
from worker.cascade.stage import StageProgress
from worker.stream.codec import dead_letter, decode
from worker.stream.poison import predict_each
from worker.types import BatchResult, LabelStruct, Prediction, Record


def classify_batch(
    records: Sequence[Record],
    cascade: ThresholdCascade,
    now: datetime,
    budget: Budget | None = None,
    progress: StageProgress | None = None,
) -> BatchResult:
    """Label every record that holds a tweet; make a dead letter of every other one.

    Args:
        records: as they were consumed.
        cascade: classifies the tweets.
        now: becomes the labels' `labelled_at`.
        budget: for the stages after the first; None: unlimited.
        progress: updated with the stage at work.

    Raises:
        ClassifierError: the model fails on any text.

    """
    decoded = [(record, decode(record)) for record in records]
    tweets = [(record, tweet) for record, tweet in decoded if isinstance(tweet, Tweet)]
    outcomes, calls, audits = predict_each(cascade, [tweet.text for _, tweet in tweets], budget, progress)
    pairs = list(zip(tweets, outcomes, strict=True))
    return BatchResult(
        labels=[
            (record, _label(record, tweet, outcome, cascade.version, now))
            for (record, tweet), outcome in pairs
            if isinstance(outcome, Prediction)
        ],
        dead_letters=[(record, letter) for record, letter in decoded if isinstance(letter, DeadLetter)]
        + [
            (record, dead_letter(record, Reason.CLASSIFIER_FAILURE, outcome))
            for (record, _), outcome in pairs
            if isinstance(outcome, Exception)
        ],
        stage_calls=calls,
        audits=audits,
    )


def _label(record: Record, tweet: Tweet, prediction: Prediction, version: str, now: datetime) -> LabelStruct:
    return LabelStruct(
        id=tweet.id,
        label=CLASSES[prediction.target],
        target=prediction.target,
        probability=prediction.probability,
        stage=prediction.stage,
        shed=prediction.shed,
        model_version=version,
        received_at=_time(record.timestamp),
        labelled_at=now,
    )


def _time(milliseconds: int) -> datetime | None:
    """Return the record's time; None where it has none, or one outside the calendar."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds >= 0 else None
    except (OverflowError, ValueError, OSError):
        return None
