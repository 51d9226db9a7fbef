"""Classification of a batch: records in, labels and dead letters out. Pure: no I/O."""

from collections.abc import Callable, Sequence
from datetime import UTC, datetime

import msgspec

from schemas import DeadLetter, Reason
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.shedding import Budget
from worker.cascade.stage import StageProgress
from worker.formats.types import Skip
from worker.stream.codec import dead_letter, decode
from worker.stream.poison import predict_each
from worker.types import BatchResult, LabelStruct, Prediction, Record, TweetStruct

Decode = Callable[[Record], TweetStruct | DeadLetter | Skip]


def classify_batch(
    records: Sequence[Record],
    cascade: ThresholdCascade,
    now: datetime,
    budget: Budget | None = None,
    progress: StageProgress | None = None,
    decode: Decode = decode,
) -> BatchResult:
    """Label every record that holds a tweet; skip notices; make a dead letter of every other record.

    Args:
        records: as they were consumed.
        cascade: classifies the tweets.
        now: becomes the labels' `labelled_at`.
        budget: for the stages after the first; None: unlimited.
        progress: updated with the stage at work.
        decode: finds the tweet in a record.

    Raises:
        ClassifierError: the model fails on any text.
        RegistryError: the Schema Registry does not answer.

    """
    decoded = [(record, decode(record)) for record in records]
    tweets = [(record, tweet) for record, tweet in decoded if isinstance(tweet, TweetStruct)]
    output = predict_each(cascade, [tweet.text for _, tweet in tweets], budget, progress)
    pairs = list(zip(tweets, output.outcomes(), strict=True))
    return BatchResult(
        labels=[
            (record, _label(record, tweet, outcome, cascade, now))
            for (record, tweet), outcome in pairs
            if isinstance(outcome, Prediction)
        ],
        dead_letters=[(record, letter) for record, letter in decoded if isinstance(letter, DeadLetter)]
        + [
            (record, dead_letter(record, Reason.CLASSIFIER_FAILURE, outcome))
            for (record, _), outcome in pairs
            if isinstance(outcome, Exception)
        ],
        stage_calls=output.calls,
        audits=[output.audits] if output.audits else [],
        skipped=[(record, found) for record, found in decoded if isinstance(found, Skip)],
    )


def _label(
    record: Record, tweet: TweetStruct, prediction: Prediction, cascade: ThresholdCascade, now: datetime
) -> LabelStruct:
    return LabelStruct(
        id=tweet.id,
        label=cascade.classes[prediction.target],
        target=prediction.target,
        probability=prediction.probability,
        stage=prediction.stage,
        shed=prediction.shed,
        model_version=cascade.version,
        received_at=_time(record.timestamp),
        labelled_at=now,
        input=msgspec.UNSET if tweet.input is None else tweet.input,
    )


def _time(milliseconds: int) -> datetime | None:
    """Return the record's time; None where it has none, or one outside the calendar."""
    try:
        return datetime.fromtimestamp(milliseconds / 1000, UTC) if milliseconds >= 0 else None
    except (OverflowError, ValueError, OSError):
        return None
