"""A benchmark from its settings to its files."""

import json
import os
import platform
import shlex
import sys
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from tempfile import TemporaryDirectory

import pandas as pd
from rich.progress import Progress

from training.artifacts import facts_of, versions
from training.benchmark.cache import Store
from training.benchmark.ensembles import CHAPTER, chapter_average
from training.benchmark.errors import Labelled, Mistake, everything, most_wrong
from training.benchmark.experiment import Experiment
from training.benchmark.export import Gallery
from training.benchmark.results import compare, row
from training.benchmark.runner import Bench, Outcome
from training.data.dataset import Dataset, Split, split, targets_of, texts_of
from training.encoder.export import ENCODER_FOLDER, export_encoder
from training.evaluation import scores
from training.models.cached_encoder import CachedEncoder, encode_all
from training.report.page import Findings, facts_table, render
from worker.errors import SettingError
from worker.models.artifact import digests
from worker.models.use import UseEncoder

_MISTAKES = 10  # of each kind are shown


@dataclass(frozen=True)
class Request:
    """What the user asked for."""

    dataset: Dataset
    models: Sequence[str]
    seeds: Sequence[int]
    out: Path
    use_handle: str
    device: str
    fresh: bool = False


def run(request: Request, progress: Progress) -> Findings:
    """Compare the models and write all files.

    Raises:
        SettingError: the folder cannot be written to.
        DataError: too few tweets, or no encoder where the handle leads.

    """
    parts = split(request.dataset.labelled)
    try:
        request.out.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".use.", dir=request.out) as folder:
            findings = _findings(request, parts, _run(request, parts, Path(folder) / ENCODER_FOLDER, progress))
        _write(request.out, findings, parts)
    except OSError as error:
        raise SettingError(f"--out: cannot write into {request.out}: {error.strerror}") from error
    return findings


def _run(request: Request, parts: Split, use: Path, progress: Progress) -> Outcome:
    export_encoder(request.use_handle, use)
    encoder = CachedEncoder(UseEncoder(str(use)))
    encode_all(encoder, [*texts_of(parts.train), *texts_of(parts.held_out)], progress)
    weights = {name: digest.sha256 for name, digest in digests(use).items() if name.startswith("variables/")}
    circumstances = {"data": request.dataset.sha256, "device": request.device, **weights}
    store = Store(request.out / "experiments", circumstances)
    if request.fresh:
        store.forget()
    facts = facts_of(request.dataset, parts)
    gallery = Gallery(request.out / "models", use, facts, targets_of(parts.held_out))
    bench = Bench(parts, encoder, store, gallery, request.out / "tensorboard", progress)
    return bench.run(request.models, request.seeds)


def _findings(request: Request, parts: Split, outcome: Outcome) -> Findings:
    targets, first = targets_of(parts.held_out), outcome.runs[0]
    comparisons = compare(outcome.runs, targets, targets_of(parts.train))
    wrong_of = max(request.models, key=lambda name: comparisons[name].out_of_fold_accuracy)
    average = scores(targets, chapter_average(first) >= 0.5) if first.keys() >= set(CHAPTER) else None
    return Findings(
        rows=[row(experiment, targets) for experiment in first.values()],
        comparisons=comparisons,
        experiments=first,
        members={team.experiment.model: team.members for team in outcome.teams},
        targets=targets,
        chapter=average,
        wrong_of=wrong_of,
        mistakes=_mistakes(first[wrong_of], parts),
        facts=_facts(request, parts),
        command=shlex.join(["python", "-m", "training", *sys.argv[1:]]),
    )


def _mistakes(experiment: Experiment, parts: Split) -> tuple[list[Mistake], list[Mistake]]:
    held_out = Labelled.of(parts.held_out)
    return most_wrong(held_out, experiment.held_out, everything(parts), _MISTAKES)


def _facts(request: Request, parts: Split) -> dict[str, str]:
    train, held_out = targets_of(parts.train), targets_of(parts.held_out)
    return facts_table(
        data=f"{request.dataset.name}, {request.dataset.folder}",
        sha256_of_train_csv=request.dataset.sha256,
        training_tweets=f"{len(train):,}, {train.mean():.1%} disasters",
        held_out_tweets=f"{len(held_out):,}, {held_out.mean():.1%} disasters",
        sentence_encoder=request.use_handle,
        seeds=", ".join(map(str, request.seeds)),
        machine=f"{platform.machine()}, {os.cpu_count()} cores, TensorFlow on the {request.device.upper()}",
        versions=", ".join(f"{name} {version}" for name, version in versions().items()),
    )


def _write(folder: Path, findings: Findings, parts: Split) -> None:
    records = [r.as_dict() for r in findings.rows]
    _write_json(folder / "results.json", records)
    pd.DataFrame(records).to_csv(folder / "results.csv", index=False)
    comparisons = {name: asdict(comparison) for name, comparison in findings.comparisons.items()}
    _write_json(folder / "comparisons.json", comparisons)
    told = {name: experiment.held_out for name, experiment in findings.experiments.items()}
    predictions = parts.held_out[["id", "target"]].assign(**told)
    predictions.to_csv(folder / "predictions.csv", index=False)
    (folder / "report.html").write_text(render(findings), encoding="utf-8")


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
