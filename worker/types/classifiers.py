"""Classifiers of texts, and what computes them."""

from collections.abc import Sequence
from typing import Any, NamedTuple, Protocol, runtime_checkable

from numpy.typing import NDArray

from worker.types.arrays import Bools, Floats


class Arithmetic(NamedTuple):
    """Who computes a stage, and in which type of numbers."""

    engine: str
    """`onnx` on the CPU, `onnx-cuda` on a GPU, or `tensorflow`."""
    dtype: str
    """Of most of the work: `int8`, `float16`, `float32` or `bfloat16`."""

    def __str__(self) -> str:
        return f"{self.engine} {self.dtype}"


class Device(NamedTuple):
    """A device that the models compute on."""

    name: str
    """Such as CPU:0 or GPU:0."""
    model: str
    """The manufacturer's name of a GPU; empty where it is not known."""


class Classifier(Protocol):
    """A probabilistic classifier of texts, in scikit-learn's convention."""

    @property
    def classes_(self) -> NDArray[Any]:
        """Targets in the order of the probabilities' columns: [0, 1]."""

    def predict_proba(self, texts: Sequence[str], /) -> Floats:
        """Return probabilities of shape (n texts, n classes); each row adds up to 1."""


@runtime_checkable
class KnowsWords(Protocol):
    """What a classifier may offer beside `Classifier`: it says how much of each text it can read."""

    def predict_known(self, texts: Sequence[str], /) -> tuple[Floats, Floats]:
        """Return what `predict_proba` does, and the share of each text's words or pieces that it knows, shape (n,)."""


@runtime_checkable
class ReadsSome(Protocol):
    """What a classifier may offer beside `Classifier`: it says which texts it cannot read, in another language say."""

    def predict_readable(self, texts: Sequence[str], /) -> tuple[Floats, Bools]:
        """Return probabilities of shape (n texts, 2), and whether each text can be read, shape (n texts,).

        The probabilities of a text that cannot be read say nothing; `predict_proba` gives its guess.
        """
