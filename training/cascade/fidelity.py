"""How far the type in which the encoder is served differs from float32: vectors, labels and accuracy."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path
from typing import Literal

import numpy as np
from rich.progress import Progress

from schemas import EncoderFacts, StageSpec
from training.cancellation import Check, never_cancel
from training.cascade.folds import split_folds
from training.cascade.out_of_fold import OutOfFold, predict_out_of_fold
from training.data.dataset import Split, Targets, targets_of, texts_of
from training.data.reviewed import ReviewedTweets, nothing_beside
from training.models import REGISTRY, Resources, TrainableClassifier
from worker.models.encoder.selection import FLOAT32
from worker.models.sentence_encoder.served import ServedEncoder
from worker.models.use import Encoder, UseEncoder
from worker.types import Floats

_COMPARED = 10_000  # tweets of each part at most: enough for a tenth of a point


@dataclass(frozen=True)
class Comparison:
    """What is compared: 10,000 tweets of each part at most.

    Args:
        folder: of the artifact.
        parts: the data.
        resources: with the encoders as they are served.
        out_of_fold: predictions with them, in random folds.
        reviewed: trained on too.

    """

    folder: Path
    parts: Split
    resources: Resources
    out_of_fold: OutOfFold
    reviewed: ReviewedTweets | None = None

    def last_head(
        self,
        kind: Literal["use", "encoder"],
        stages: Sequence[StageSpec],
        models: Mapping[str, TrainableClassifier],
        progress: Progress,
        check: Check = never_cancel,
    ) -> EncoderFacts | None:
        """Compare the last stage of a kind, in the served type of its encoder and in float32, if there is one.

        `check` is called before each step; what it raises ends the work.
        """
        heads = [spec for spec in stages if spec.kind == kind and self._has_types(spec)]
        return self._cut()._facts(heads[-1], models[heads[-1].name], progress, check) if heads else None

    def _cut(self) -> "Comparison":
        if len(self.parts.train) <= _COMPARED:
            return self
        parts = Split(self.parts.train[:_COMPARED], self.parts.held_out[:_COMPARED])
        targets = targets_of(parts.train)
        folds = split_folds(targets, self.resources.seed)
        return replace(self, parts=parts, out_of_fold=OutOfFold(targets, {}, {}, folds))

    def _has_types(self, spec: StageSpec) -> bool:
        """Return whether there is a graph in float32: a SavedModel has none."""
        return (self.folder / spec.files["encoder"] / f"{FLOAT32.dtype}.onnx").is_file()

    def _in_float32(self, spec: StageSpec) -> Encoder:
        folder = self.folder / spec.files["encoder"]
        return UseEncoder(folder, only=FLOAT32) if spec.kind == "use" else ServedEncoder(folder, only=FLOAT32)

    def _facts(self, spec: StageSpec, model: TrainableClassifier, progress: Progress, check: Check) -> EncoderFacts:
        exact, encoder = self._in_float32(spec), self.resources.encoder_of(model)
        unseen = [*texts_of(self.parts.held_out), *self.resources.unlabelled[:_COMPARED]]
        texts = model.encoder_texts([*texts_of(self.parts.train), *unseen])
        served, p = encoder.encode(texts, check=check), _positive(model, unseen)
        served_p = self._served_out_of_fold(spec.name, check)
        task = progress.add_task("comparing with float32", total=len(texts) + len(self.out_of_fold.folds))
        advance = partial(progress.advance, task)
        with encoder.replaced_by(exact):
            cosine = (served * encoder.encode(texts, advance, check)).sum(axis=1)
            exact_p, out_of_fold = _positive(model, unseen), self._out_of_fold(spec.name, partial(advance, 1), check)
        held_out, targets = targets_of(self.parts.held_out), self.out_of_fold.targets
        return EncoderFacts(
            type=str(encoder.arithmetic),
            stage=spec.name,
            texts=len(texts),
            cosine=float(cosine.mean()),
            cosine_least=float(cosine.min()),
            unseen=len(unseen),
            changed=int(((p >= 0.5) != (exact_p >= 0.5)).sum()),
            out_of_fold_accuracy=_accuracy(served_p, targets),
            out_of_fold_accuracy_float32=_accuracy(out_of_fold, targets),
            held_out_accuracy=_accuracy(p[: len(held_out)], held_out),
            held_out_accuracy_float32=_accuracy(exact_p[: len(held_out)], held_out),
        )

    def _served_out_of_fold(self, name: str, check: Check) -> Floats:
        """Return the predictions in the served type; where tweets are left out, by models trained without them too."""
        known = self.out_of_fold.probabilities.get(name)
        return self._out_of_fold(name, lambda: None, check) if known is None else known

    def _out_of_fold(self, name: str, advance: Callable[[], None], check: Check) -> Floats:
        texts, known = texts_of(self.parts.train), self.out_of_fold
        beside = self.reviewed.beside if self.reviewed else nothing_beside
        return predict_out_of_fold(
            partial(REGISTRY[name], self.resources), texts, known.targets, known.folds, advance, check, beside
        )


def _positive(model: TrainableClassifier, texts: Sequence[str]) -> Floats:
    return np.asarray(model.predict_proba(texts)[:, 1])


def _accuracy(p: Floats, targets: Targets) -> float:
    """Return the accuracy on the tweets that the model can read."""
    read = np.isfinite(p)
    return float(((p >= 0.5) == targets)[read].mean())
