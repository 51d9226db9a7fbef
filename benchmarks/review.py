"""`python -m benchmarks.review`: what reviewed tweets of a new event bring, by how they were picked."""

from argparse import ArgumentParser, Namespace
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import NamedTuple

import numpy as np
from rich.table import Table

from benchmarks.results.facts import machine_facts, print_facts
from benchmarks.results.output import add_json_flag, new_table, require_writable, wide_console, write_json
from training.artifact_evaluation.decisions import ask_stages, route_by_bands
from training.commands.flags import number
from training.commands.review.flags import shares
from training.data.dataset import Targets, find_dataset, split, targets_of, texts_of
from training.data.duplicates import Groups, near_duplicates
from training.data.label_columns import LabelSettings
from training.data.labelled_files import read_labelled_files
from training.data.reviewed import WEIGHT
from training.encoder.export import ENCODER_FOLDER
from training.encoder.opening import open_encoder
from training.models import REGISTRY, Resources
from training.models.cached_encoder import CachedEncoder
from training.review.picking import DEFAULT_SHARES, Candidates, Shares, pick
from worker.cascade.cascade import ThresholdCascade
from worker.cascade.stage import Stage
from worker.cli import app
from worker.errors import SettingError
from worker.models import Artifact, load_artifact
from worker.models.text_cleaning import clean
from worker.types import Bools, Ints

_DESCRIPTION = """\
Takes each labelled file as a new event: picks tweets as `training review` does, takes their labels from the file as a
person's, trains the artifact's stages again on its training tweets and on these, and measures accuracy on the rest of
the event: on the tweets that are neither picked nor near-duplicates of picked ones. Blends and bands stay as they are:
`fit` makes them of the training tweets alone. `common` is the rest of all ways of picking together."""

_COLUMNS = ("event", "picked", "weight", "rest: before", "after", "gain", "common: before", "after", "gain", "held out")


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = app.new_parser("python -m benchmarks.review", _DESCRIPTION)
    flag = parser.add_argument
    flag("files", nargs="+", type=Path, metavar="FILE", help="labelled tweets of an event each")
    flag("--artifact", type=Path, default=Path("models/default"), metavar="DIR", help="default: models/default")
    flag("--data", type=Path, nargs=1, default=[], metavar="DIR", help="what the artifact was trained on")
    flag("--number", type=number, default=200, metavar="N", help="tweets to review (default: 200)")
    flag("--shares", type=shares, action="append", metavar="REASON=SHARE,...",
         help="a way of picking; may be repeated (default: random=1, and `default`, that of `review`)")  # fmt: skip
    flag("--weights", type=number, nargs="+", default=[WEIGHT], metavar="N", help=f"default: {WEIGHT}")
    flag("--seeds", type=int, nargs="+", default=[1], metavar="N", help="of picking; figures are means (default: 1)")
    add_json_flag(parser)
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Measure, print and write."""
    require_writable(arguments.json)
    ways = arguments.shares or [{"random": 1.0}, DEFAULT_SHARES]
    console, trainer = wide_console(), Trainer(arguments.artifact, arguments.data)
    facts = machine_facts(artifact=trainer.artifact.manifest.model_version, reviewed=arguments.number)
    print_facts(facts, console)
    rows = list[Figures]()
    for file in read_labelled_files(arguments.files, LabelSettings()):
        event = trainer.event(file.path.stem.split("-")[0], file.texts, file.targets)
        rows += (found := _measure(trainer, event, ways, arguments))
        console.print(_table("", found))
    console.print(_table(f"{len(arguments.files)} events", _means("mean", rows)))
    write_json(arguments.json, [one._asdict() for one in rows], facts)
    return 0


@dataclass(frozen=True)
class Event:
    """Labelled tweets of an event, and what the artifact says of them."""

    name: str
    texts: Sequence[str]
    targets: Targets
    candidates: Candidates

    def rest(self, picked: Ints) -> Bools:
        """Return the tweets that are neither picked nor near-duplicates of picked ones."""
        groups: Groups = self.candidates.duplicates
        return ~np.isin(groups, groups[picked])

    def accuracy(self, labels: Bools, rows: Bools) -> float:
        """Return the accuracy of labels, shape (n,), on some of the tweets."""
        return float((labels == self.targets)[rows].mean())


class Trainer:
    """Trains an artifact's stages again on more tweets; each text is encoded once."""

    def __init__(self, folder: Path, data: Sequence[Path]) -> None:
        self.artifact: Artifact = load_artifact(folder)
        dataset = find_dataset(*data)
        if dataset.sha256 != self.artifact.manifest.data.sha256:
            raise SettingError(f"--data: {folder} was not trained on {dataset.folder}")
        self._parts = split(dataset.labelled)
        self._encoder = CachedEncoder(open_encoder(folder / ENCODER_FOLDER, "cpu"))
        self._resources = Resources(self._encoder, 42, unlabelled=dataset.unlabelled_texts)

    def event(self, name: str, texts: Sequence[str], targets: Targets) -> Event:
        """Ask the artifact about an event's tweets."""
        asked = ask_stages(self.artifact.cascade, texts)
        routing = route_by_bands(self.artifact.cascade, asked.probabilities)
        overruled = (asked.probabilities[:, -1] >= 0.5) != (routing.probability >= 0.5)
        vectors = self._encoder.encode([clean(text) for text in texts])
        duplicates = near_duplicates(texts)
        return Event(name, texts, targets, Candidates(routing.probability, overruled, asked.known, vectors, duplicates))

    def labels(self, event: Event, picked: Ints, weight: int) -> tuple[Bools, float]:
        """Return the labels of the event's tweets after training on the picked ones, and the held-out accuracy."""
        texts = [*texts_of(self._parts.train), *([event.texts[i] for i in picked] * weight)]
        targets = np.concatenate([targets_of(self._parts.train), np.tile(event.targets[picked], weight)])
        cascade = ThresholdCascade([self._trained(stage, texts, targets) for stage in self.artifact.cascade.stages], "")
        held_out = [p.target for p in cascade.predict(texts_of(self._parts.held_out)).predictions]
        labels = np.array([p.target for p in cascade.predict(event.texts).predictions], dtype=np.bool_)
        return labels, float((np.array(held_out) == targets_of(self._parts.held_out)).mean())

    def _trained(self, stage: Stage, texts: list[str], targets: Targets) -> Stage:
        return Stage(stage.name, REGISTRY[stage.name](self._resources).fit(texts, targets), stage.band, stage.blend)


class Figures(NamedTuple):
    """Accuracies of one way of picking, or means of several."""

    event: str
    picked: str
    weight: int
    before: float
    after: float
    common_before: float
    common_after: float
    held_out: float


def _measure(trainer: Trainer, event: Event, ways: Sequence[Shares], arguments: Namespace) -> list[Figures]:
    """Return the figures of each way and weight, means over all seeds."""
    before, found = np.asarray(event.candidates.probability >= 0.5), list[Figures]()
    for seed in arguments.seeds:
        picks = [np.array([one.row for one in pick(event.candidates, arguments.number, way, seed)]) for way in ways]
        common = event.rest(np.concatenate(picks))
        for (way, picked), weight in product(zip(ways, picks, strict=True), arguments.weights):
            after, held_out = trainer.labels(event, picked, weight)
            name = "default" if way is DEFAULT_SHARES else ",".join(f"{why}={share:g}" for why, share in way.items())
            on_rest = [event.accuracy(labels, event.rest(picked)) for labels in (before, after)]
            on_common = [event.accuracy(labels, common) for labels in (before, after)]
            found.append(Figures._make((event.name, name, weight, *on_rest, *on_common, held_out)))
    return _means(event.name, found)


def _means(event: str, figures: Sequence[Figures]) -> list[Figures]:
    """Return the means for each way and weight."""
    keys = dict.fromkeys((one.picked, one.weight) for one in figures)
    of = {key: [one[3:] for one in figures if (one.picked, one.weight) == key] for key in keys}
    return [Figures._make((event, *key, *np.mean(of[key], axis=0).tolist())) for key in keys]


def _table(title: str, rows: Sequence[Figures]) -> Table:
    table = new_table(title, *_COLUMNS)
    for one in rows:
        p = [f"{100 * value:.1f}" for value in one[3:]]
        gains = [f"{100 * gain:+.1f}" for gain in (one.after - one.before, one.common_after - one.common_before)]
        table.add_row(one.event, one.picked, str(one.weight), *p[:2], gains[0], *p[2:4], gains[1], p[4])
    return table


if __name__ == "__main__":
    app.run(build_parser())
