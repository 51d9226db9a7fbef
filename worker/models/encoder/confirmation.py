"""Confirmation of the selected engine and type by the heads on the encoder: they must label the probe texts alike."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Generic

from worker.errors import ArtifactError
from worker.models.encoder.engine import Vectors
from worker.models.encoder.selection import AnyEncoder, Candidate, Probes
from worker.types import Arithmetic, Floats

_UNSURE = (0.4, 0.6)  # P(disaster) of probe texts whose label may differ between types

Head = Callable[[Vectors], Floats]
"""Maps unit vectors, shape (n, d), to P(disaster), shape (n,)."""


class ConfirmedEncoder(Generic[AnyEncoder]):
    """The fastest of an encoder's engines and types with which every head gives the labels of float32.

    Args:
        folder: of the encoder.
        probes: of the encoder.
        candidates: engines and types that reproduce the vectors of the probes, the fastest first.

    """

    def __init__(self, folder: Path, probes: Probes, candidates: Sequence[Candidate[AnyEncoder]]) -> None:
        self._folder, self._probes, self._candidates = folder, probes, list(candidates)
        self._take_fastest()

    def _take_fastest(self) -> None:
        self.encoder = self._candidates[0].encoder
        self.encoder.warm_up()

    def confirm(self, head: Head) -> None:
        """Keep an engine and type with which this head, and all before, label the probe texts as float32 does.

        Raises:
            ArtifactError: none is left.

        """
        before = self.arithmetic
        self._candidates = [c for c in self._candidates if _same_labels(head, c.vectors, self._probes.vectors)]
        if not self._candidates:
            raise ArtifactError(
                f"no engine gives the probe texts of {self._folder} the labels of float32; train the artifact again"
            )
        if self._candidates[0].encoder.arithmetic != before:
            self._take_fastest()

    def release(self) -> None:
        """Free the engines and types that are not used."""
        self._candidates = []

    @property
    def arithmetic(self) -> Arithmetic:
        """Who computes, and in which type."""
        return self.encoder.arithmetic


def _same_labels(head: Head, found: Vectors, expected: Vectors) -> bool:
    """Return whether the head gives the same labels, where it is sure of the expected ones."""
    p, expected_p = head(found), head(expected)
    sure = (expected_p < _UNSURE[0]) | (expected_p > _UNSURE[1])
    return bool(((p >= 0.5) == (expected_p >= 0.5))[sure].all())
