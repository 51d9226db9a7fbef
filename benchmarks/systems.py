"""The rows of the throughput's table: what each is and how it is started."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from benchmarks.artifacts import single_stage
from benchmarks.processes import peer_command, worker_command
from benchmarks.topics import Topics
from worker.errors import SettingError
from worker.models.artifact import read_manifest


class Contender(NamedTuple):
    """One row."""

    what: str
    """For people."""
    stages: str
    """Which of the artefact's stages it gets: all, first or last."""
    module: str
    """What has to be installed."""


CONTENDERS = {
    "echo": Contender("kafka-python alone, bytes in and out", "all", "kafka"),
    "baseline": Contender("the worker, first stage alone", "first", "kafka"),
    "cascade": Contender("the worker", "all", "kafka"),
    "use": Contender("the worker, last stage alone", "last", "kafka"),
    "notebook": Contender("one model.predict a tweet", "all", "kafka"),
    "confluent": Contender("confluent-kafka, tuned batch loop", "all", "confluent_kafka"),
    "quixstreams": Contender("Quix Streams, dataframe.apply", "all", "quixstreams"),
    "faststream": Contender("FastStream, one message at a time", "all", "faststream"),
    "faststream_batch": Contender("FastStream, batch=True", "all", "faststream"),
}
DEFAULT = [name for name in CONTENDERS if name != "faststream_batch"]
WORKERS = ("baseline", "cascade", "use")


def chosen(text: str) -> list[str]:
    """Return the rows that a comma-separated list names.

    Raises:
        SettingError: it names one that does not exist, or what one needs is not installed.

    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in CONTENDERS]:
        raise SettingError(f"--rows: there is no row {', '.join(unknown)}; there are {', '.join(CONTENDERS)}")
    if missing := [name for name in names if not find_spec(CONTENDERS[name].module)]:
        raise SettingError(
            f"{', '.join(missing)} cannot run: pip install 'tweet-cascade[benchmarks]', or leave it out of --rows"
        )
    return list(dict.fromkeys(names))


def commands(names: Sequence[str], artifact: Path, folder: Path) -> dict[str, Callable[[Topics], list[str]]]:
    """Return how to start each row; artefacts of single stages are written into the folder.

    Raises:
        SettingError: the artefact has no stage on USE, which the notebook's way needs.

    """
    stages = read_manifest(artifact).stages
    if "notebook" in names and not any(stage.kind == "use" for stage in stages):
        raise SettingError("the row notebook needs a stage on USE, the artefact has none: leave it out of --rows")
    ends = {"first": stages[0].name, "last": stages[-1].name}
    wanted = {CONTENDERS[name].stages for name in names} & ends.keys()
    made = {end: single_stage(artifact, ends[end], folder / f"{end}-stage") for end in wanted}
    return {name: _command(name, made.get(CONTENDERS[name].stages, artifact)) for name in names}


def _command(name: str, artifact: Path) -> Callable[[Topics], list[str]]:
    if name in WORKERS:
        return lambda topics: worker_command(topics, artifact)
    return lambda topics: peer_command(name, topics, artifact)
