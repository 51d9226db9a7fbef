"""Types that all modules share; this package imports none of them."""

from worker.types.arrays import Bools, Floats, Ints
from worker.types.classifiers import Arithmetic, Classifier, Device, KnowsWords, ReadsSome
from worker.types.connections import HeldBack, Lag, Sink, Source, SourceStatus
from worker.types.records import Message, Partition, Record, partitions_of, size_of
from worker.types.results import AuditedBatch, BatchResult, LabelStruct, Prediction, StageCall, TweetStruct

__all__ = [
    "Arithmetic",
    "AuditedBatch",
    "BatchResult",
    "Bools",
    "Classifier",
    "Device",
    "Floats",
    "HeldBack",
    "Ints",
    "KnowsWords",
    "LabelStruct",
    "Lag",
    "Message",
    "Partition",
    "Prediction",
    "ReadsSome",
    "Record",
    "Sink",
    "Source",
    "SourceStatus",
    "StageCall",
    "TweetStruct",
    "partitions_of",
    "size_of",
]
