"""The contracts between producers, worker and consumers."""

from schemas.dead_letter import DeadLetter, Headers, Reason
from schemas.label import CLASSES, Label, LabelName
from schemas.manifest import FORMAT, MANIFEST_NAME, Combiner, DataFacts, FileDigest, Manifest, StageSpec
from schemas.tweet import MAX_TEXT_CHARS, Tweet, TweetId

__all__ = [
    "CLASSES",
    "FORMAT",
    "MANIFEST_NAME",
    "MAX_TEXT_CHARS",
    "Combiner",
    "DataFacts",
    "DeadLetter",
    "FileDigest",
    "Headers",
    "Label",
    "LabelName",
    "Manifest",
    "Reason",
    "StageSpec",
    "Tweet",
    "TweetId",
]
