"""Read tweets, label them where they are not, and pick."""

import shlex
from argparse import Namespace
from contextlib import closing
from functools import partial
from pathlib import Path

from rich.progress import Progress

from schemas import ClassNames
from training.commands.read_data import show_remarks
from training.data.duplicates import near_duplicates
from training.data.label_columns import LabelSettings
from training.review.labelling import Labelled, label, vectors_of
from training.review.picking import DEFAULT_SHARES, Candidates, Pick, pick
from training.review.sheet import Sheet, SheetRow
from training.review.sources import Tweets, read_files, read_values
from worker.cli.console import new_console, progress_bar
from worker.models.artifact import load_artifact, read_manifest
from worker.settings import KafkaSettings
from worker.settings_cli import read_settings


def pick_tweets(arguments: Namespace) -> Sheet:
    """Return a review file of tweets picked as the flags say.

    Raises:
        DataError: a file or the topic has no tweets that can be read.
        ArtifactError: the artifact cannot be loaded.
        BrokerError: the topic cannot be read.

    """
    with progress_bar(new_console(stderr=True)) as progress:
        tweets = _from_files(arguments) if arguments.files else _from_topic(arguments, progress)
        show_remarks(tweets.remarks)
        labelled = tweets.published if arguments.artifact is None else None
        artifact = None if labelled else arguments.artifact or Path("models/default")
        classes = read_manifest(artifact).classes if artifact else tweets.classes
        if labelled is None:
            labelled = _label(artifact or Path(), tweets.texts, progress)
        candidates = _candidates(tweets.texts, labelled, artifact, progress)
    picked = pick(candidates, arguments.number, arguments.shares or DEFAULT_SHARES, arguments.seed)
    return Sheet(arguments.out, [_row(tweets, labelled, classes, one) for one in picked], tweets.group_columns)


def _from_files(arguments: Namespace) -> Tweets:
    given = {"--text-column": arguments.text_column, "--id-column": arguments.id_column}
    flags = [part for flag, value in given.items() if value for part in (flag, value)]
    again = shlex.join(["python", "-m", "training", "review", *map(str, arguments.files), *flags])
    settings = LabelSettings(
        text_column=arguments.text_column, id_column=arguments.id_column, encoding=arguments.encoding,
        on_bad_row=arguments.on_bad_row, command=again,
    )  # fmt: skip
    return read_files(arguments.files, settings)


def _from_topic(arguments: Namespace, progress: Progress) -> Tweets:
    from worker.kafka import TopicScan, require_topics

    settings = read_settings(KafkaSettings, arguments)
    require_topics(settings, [settings.output_topic])
    with closing(TopicScan(settings, settings.output_topic, last=arguments.last)) as scan:
        records = progress.track(scan, total=scan.offsets, description="reading labels")
        return read_values((record.value for record in records), settings.output_topic)


def _label(folder: Path, texts: list[str], progress: Progress) -> Labelled:
    cascade = load_artifact(folder).cascade
    task = progress.add_task("asking every stage", total=len(texts))
    return label(cascade, texts, partial(progress.advance, task))


def _candidates(texts: list[str], labelled: Labelled, artifact: Path | None, progress: Progress) -> Candidates:
    comparing = progress.add_task("finding near-duplicates", total=len(texts))
    duplicates = near_duplicates(texts, partial(progress.advance, comparing))
    encoding = progress.add_task("comparing contents", total=len(texts))
    vectors = vectors_of(texts, artifact, partial(progress.advance, encoding))
    return Candidates(labelled.probability, labelled.overruled, labelled.known, vectors, duplicates)


def _row(tweets: Tweets, labelled: Labelled, classes: ClassNames, one: Pick) -> SheetRow:
    tweet, p = tweets.rows[one.row], float(labelled.probability[one.row])
    return SheetRow(
        id=tweet.id,
        text=tweet.text,
        label="",
        picked_for=one.reason,
        pick_probability=f"{one.probability:.6g}",
        copies=str(one.copies),
        predicted=classes[p >= 0.5],
        probability=f"{p:.4f}",
        stage=labelled.stages[one.row],
        choices=",".join(classes[::-1]),
        others=tuple(tweet.groups.get(name, "") for name in tweets.group_columns),
    )
