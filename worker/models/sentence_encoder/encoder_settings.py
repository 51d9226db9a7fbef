"""The settings of a sentence encoder: `encoder.json` in its folder, written by training."""

from pathlib import Path
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field

TOKENIZER_JSON, SETTINGS = "tokenizer.json", "encoder.json"
LONGEST = 512
"""Pieces of a text, at most, whatever the encoder takes: time and memory are bounded."""

Pooling = Literal["mean", "cls", "none"]


class EncoderSettings(BaseModel):
    """How the graph is run, and what it can read."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    name: str = Field(min_length=1, description="For the log.")
    output: str = Field(description="The output of the graph that is read.")
    pooling: Pooling = Field(
        description="What makes a vector of the output: the mean over a text's pieces, its first piece, or nothing."
    )
    dimensions: int = Field(ge=1, description="Of a vector.")
    longest: int = Field(ge=3, le=LONGEST, description="Pieces that are read of a text.")
    most_split: float = Field(
        default=1, ge=0, le=1,
        description="The largest share of pieces that begin no word, or are unknown, in a text that can be read.",
    )  # fmt: skip

    def save(self, folder: Path) -> None:
        """Write them into an encoder's folder."""
        (folder / SETTINGS).write_text(self.model_dump_json(indent=2) + "\n", encoding="utf-8")


def load_settings(folder: Path) -> EncoderSettings:
    """Return the settings in an encoder's folder; raises ValidationError where they are not valid."""
    return EncoderSettings.model_validate_json((folder / SETTINGS).read_bytes())
