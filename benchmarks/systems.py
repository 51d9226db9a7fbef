"""The systems that the throughput benchmark compares, and how each is started."""

from collections.abc import Callable, Sequence
from importlib.util import find_spec
from pathlib import Path
from typing import NamedTuple

from benchmarks.artifacts import write_single_stage
from benchmarks.harness.commands import peer_command, worker_command
from benchmarks.harness.topics import Topics
from worker.errors import SettingError
from worker.models.artifact import read_manifest


class System(NamedTuple):
    """A system under test."""

    what: str
    """Description for people."""
    stages: str
    """The artifact's stages that it gets: all, first or last."""
    module: str
    """The package that it needs."""


SYSTEMS = {
    "echo": System("kafka-python alone, bytes in and out", "all", "kafka"),
    "baseline": System("the worker, first stage alone", "first", "kafka"),
    "cascade": System("the worker", "all", "kafka"),
    "use": System("the worker, last stage alone", "last", "kafka"),
    "notebook": System("one model.predict a tweet", "all", "kafka"),
    "confluent": System("confluent-kafka, tuned batch loop", "all", "confluent_kafka"),
    "quixstreams": System("Quix Streams, dataframe.apply", "all", "quixstreams"),
    "faststream": System("FastStream, one message at a time", "all", "faststream"),
    "faststream_batch": System("FastStream, batch=True", "all", "faststream"),
}
DEFAULT = [name for name in SYSTEMS if name != "faststream_batch"]
WORKERS = ("baseline", "cascade", "use")


def parse_systems(text: str) -> list[str]:
    """Parse a comma-separated list of systems.

    Raises:
        SettingError: one does not exist, or a package that it needs is not installed.

    """
    names = [name.strip() for name in text.split(",") if name.strip()]
    if unknown := [name for name in names if name not in SYSTEMS]:
        raise SettingError(f"--rows: there is no row {', '.join(unknown)}; there are {', '.join(SYSTEMS)}")
    if missing := [name for name in names if not find_spec(SYSTEMS[name].module)]:
        raise SettingError(
            f"{', '.join(missing)} cannot run: pip install 'tweet-cascade[benchmarks]', or leave it out of --rows"
        )
    return list(dict.fromkeys(names))


def system_commands(names: Sequence[str], artifact: Path, folder: Path) -> dict[str, Callable[[Topics], list[str]]]:
    """Return a function from topics to command line for each system; write artifacts of one stage into the folder.

    Raises:
        SettingError: `notebook` needs a stage on USE, and the artifact has none.

    """
    stages = read_manifest(artifact).stages
    if "notebook" in names and not any(stage.kind == "use" for stage in stages):
        raise SettingError("the row notebook needs a stage on USE, the artifact has none: leave it out of --rows")
    ends = {"first": stages[0].name, "last": stages[-1].name}
    wanted = {SYSTEMS[name].stages for name in names} & ends.keys()
    made = {end: write_single_stage(artifact, ends[end], folder / f"{end}-stage") for end in wanted}
    return {name: _command(name, made.get(SYSTEMS[name].stages, artifact)) for name in names}


def _command(name: str, artifact: Path) -> Callable[[Topics], list[str]]:
    if name in WORKERS:
        return lambda topics: worker_command(topics, artifact)
    return lambda topics: peer_command(name, topics, artifact)
