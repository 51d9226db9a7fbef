"""Contracts between producers, worker and consumers."""

from schemas.classes import CLASSES, ClassNames
from schemas.dead_letter import DeadLetter, Reason
from schemas.headers import Headers
from schemas.label import Label
from schemas.manifest import (
    FORMAT,
    MANIFEST_NAME,
    Band,
    Blend,
    Combiner,
    DataFacts,
    EncoderFacts,
    FileDigest,
    FoldFigures,
    Manifest,
    OperatingPoint,
    Policy,
    StageFacts,
    StageSpec,
)
from schemas.replay import Replay, Replayed
from schemas.tweet import MAX_TEXT_CHARS, Tweet, TweetId

__all__ = [
    "CLASSES",
    "FORMAT",
    "MANIFEST_NAME",
    "MAX_TEXT_CHARS",
    "Band",
    "Blend",
    "ClassNames",
    "Combiner",
    "DataFacts",
    "DeadLetter",
    "EncoderFacts",
    "FileDigest",
    "FoldFigures",
    "Headers",
    "Label",
    "Manifest",
    "OperatingPoint",
    "Policy",
    "Reason",
    "Replay",
    "Replayed",
    "StageFacts",
    "StageSpec",
    "Tweet",
    "TweetId",
]
