"""Run the benchmark and write its results."""

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
from training.benchmark.cache import ExperimentCache
from training.benchmark.ensembles import CHAPTER, chapter_average
from training.benchmark.errors import LabelledTweets, Mistake, all_tweets, worst_mistakes
from training.benchmark.experiment import Experiment
from training.benchmark.export import ArtifactFolder
from training.benchmark.results import compare_models, result_row
from training.benchmark.runner import BenchmarkResult, BenchmarkRunner
from training.data.dataset import Dataset, Split, split, targets_of, texts_of
from training.encoder.export import ENCODER_FOLDER, export_encoder
from training.encoder.opening import open_encoder
from training.evaluation import scores
from training.models.cached_encoder import CachedEncoder, encode_all
from training.report.page import Findings, facts_table, render
from worker.errors import SettingError
from worker.models.artifact import digests
from worker.models.text_cleaning import clean

_MISTAKES = 10  # of each kind are shown


@dataclass(frozen=True)
class BenchmarkOptions:
    """The user's choices."""

    dataset: Dataset
    models: Sequence[str]
    seeds: Sequence[int]
    out: Path
    use_handle: str
    device: str
    fresh: bool = False
    """Train also the models that are cached."""


def run_benchmark(options: BenchmarkOptions, progress: Progress) -> Findings:
    """Compare the models and write all files.

    Raises:
        SettingError: the folder cannot be written to.
        DataError: too few tweets, or the handle leads to no encoder.

    """
    parts = split(options.dataset.labelled)
    try:
        options.out.mkdir(parents=True, exist_ok=True)
        with TemporaryDirectory(prefix=".use.", dir=options.out) as folder:
            findings = _findings(options, parts, _run(options, parts, Path(folder) / ENCODER_FOLDER, progress))
        _write(options.out, findings, parts)
    except OSError as error:
        raise SettingError(f"--out: cannot write into {options.out}: {error.strerror}") from error
    return findings


def _run(options: BenchmarkOptions, parts: Split, use: Path, progress: Progress) -> BenchmarkResult:
    """Write USE into the folder `use` and run all models."""
    export_encoder(options.use_handle, use, [clean(text) for text in texts_of(parts.train)])
    encoder = CachedEncoder(open_encoder(use, options.device))
    encode_all(encoder, [*texts_of(parts.train), *texts_of(parts.held_out)], progress)
    weights = {name: digest.sha256 for name, digest in digests(use).items()}
    conditions = {"data": options.dataset.sha256, "device": options.device, **weights}
    cache = ExperimentCache(options.out / "experiments", conditions)
    if options.fresh:
        cache.clear()
    facts = facts_of(options.dataset, parts)
    artifacts = ArtifactFolder(options.out / "models", use, facts, targets_of(parts.held_out), options.dataset.classes)
    runner = BenchmarkRunner(
        parts, encoder, cache, artifacts, options.out / "tensorboard", progress, options.dataset.unlabelled_texts
    )
    return runner.run(options.models, options.seeds)


def _findings(options: BenchmarkOptions, parts: Split, result: BenchmarkResult) -> Findings:
    targets, first = targets_of(parts.held_out), result.runs[0]
    comparisons = compare_models(result.runs, targets, targets_of(parts.train))
    wrong_of = max(options.models, key=lambda name: comparisons[name].out_of_fold_accuracy)
    average = scores(targets, chapter_average(first) >= 0.5) if first.keys() >= set(CHAPTER) else None
    return Findings(
        rows=[result_row(experiment, targets) for experiment in first.values()],
        comparisons=comparisons,
        experiments=first,
        members={ensemble.experiment.model: ensemble.members for ensemble in result.ensembles},
        targets=targets,
        chapter=average,
        wrong_of=wrong_of,
        mistakes=_mistakes(first[wrong_of], parts),
        facts=_facts(options, parts),
        command=shlex.join(["python", "-m", "training", *sys.argv[1:]]),
        classes=options.dataset.classes,
    )


def _mistakes(experiment: Experiment, parts: Split) -> tuple[list[Mistake], list[Mistake]]:
    held_out = LabelledTweets.of(parts.held_out)
    return worst_mistakes(held_out, experiment.held_out, all_tweets(parts), _MISTAKES)


def _facts(options: BenchmarkOptions, parts: Split) -> dict[str, str]:
    train, held_out, name = targets_of(parts.train), targets_of(parts.held_out), options.dataset.classes[1]
    return facts_table(
        data=f"{options.dataset.name}, {options.dataset.folder}",
        sha256_of_train_csv=options.dataset.sha256,
        training_tweets=f"{len(train):,}, {train.mean():.1%} of class {name}",
        held_out_tweets=f"{len(held_out):,}, {held_out.mean():.1%} of class {name}",
        sentence_encoder=options.use_handle,
        seeds=", ".join(map(str, options.seeds)),
        machine=f"{platform.machine()}, {os.cpu_count()} cores, TensorFlow on the {options.device.upper()}",
        versions=", ".join(f"{name} {version}" for name, version in versions().items()),
    )


def _write(folder: Path, findings: Findings, parts: Split) -> None:
    records = [row.as_dict() for row in findings.rows]
    _write_json(folder / "results.json", records)
    pd.DataFrame(records).to_csv(folder / "results.csv", index=False)
    comparisons = {name: asdict(comparison) for name, comparison in findings.comparisons.items()}
    _write_json(folder / "comparisons.json", comparisons)
    probabilities = {name: experiment.held_out for name, experiment in findings.experiments.items()}
    predictions = parts.held_out[["id", "target"]].assign(**probabilities)
    predictions.to_csv(folder / "predictions.csv", index=False)
    (folder / "report.html").write_text(render(findings), encoding="utf-8")


def _write_json(path: Path, content: object) -> None:
    path.write_text(json.dumps(content, indent=2) + "\n", encoding="utf-8")
