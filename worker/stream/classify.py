"""A batch of records in, its labels and dead letters out. Pure: no I/O, no clock."""

from collections.abc import Sequence
from datetime import UTC, datetime

from schemas import CLASSES, DeadLetter, Reason, Tweet
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.shedding import Budget
from worker.stream.codec import dead_letter, decode
from worker.stream.poison import predict_each
from worker.types import Outcome, Prediction, Record, Verdict


def classify_batch(
    records: Sequence[Record], cascade: ThresholdCascade, now: datetime, budget: Budget | None = None
) -> Outcome:
    """Label every record that holds a tweet; give the others a reason.

    Args:
        records: as they were consumed.
        cascade: what decides.
        now: becomes the labels' `labelled_at`.
        budget: for the stages after the first; none: there is time for all.

    """
    decoded = [(record, decode(record)) for record in records]
    tweets = [(record, tweet) for record, tweet in decoded if isinstance(tweet, Tweet)]
    results = predict_each(cascade, [tweet.text for _, tweet in tweets], budget)
    pairs = list(zip(tweets, results, strict=True))
    return Outcome(
        labels=[
            (record, _label(record, tweet, result, cascade.version, now))
            for (record, tweet), result in pairs
            if isinstance(result, Prediction)
        ],
        dead_letters=[(record, letter) for record, letter in decoded if isinstance(letter, DeadLetter)]
        + [
            (record, dead_letter(record, Reason.CLASSIFIER_FAILURE, result))
            for (record, _), result in pairs
            if isinstance(result, Exception)
        ],
    )


def _label(record: Record, tweet: Tweet, prediction: Prediction, version: str, now: datetime) -> Verdict:
    return Verdict(
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
    """Return the record's time; None where it has none, or one that no calendar reaches."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds >= 0 else None
    except (OverflowError, ValueError, OSError):
        return None
