"""Common flags of the benchmarks, and the context that they run in: broker, tweets, artifact and console."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT, SIGTERM
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks.harness.brokers import add_broker_flag, running_broker
from benchmarks.harness.tweets import Pool, read_pool
from benchmarks.results.facts import machine_facts, print_facts
from benchmarks.results.output import add_json_flag, require_writable, wide_console
from schemas import Manifest
from worker.cli.interruption import Interruption
from worker.errors import SettingError
from worker.models.artifact import read_manifest


def add_common_flags(parser: ArgumentParser) -> None:
    """Add --json, --artifact, --tweets and --broker."""
    flag = parser.add_argument
    add_json_flag(parser)
    flag("--artifact", type=Path, default=Path("models/default"), metavar="DIR",
         help="the cascade (default: models/default)")  # fmt: skip
    flag("--tweets", type=Path, metavar="FILE",
         help=".csv with the columns id and text, and target if known (default: the held-out and the unlabelled tweets "
         "of the training data: $DISASTER_TWEETS_DIR, ./data or the sample)")  # fmt: skip
    add_broker_flag(parser)


@dataclass(frozen=True)
class BenchmarkContext:
    """What a benchmark runs on, and where it reports."""

    servers: str
    pool: Pool
    artifact: Path
    manifest: Manifest
    folder: Path
    facts: dict[str, str]
    interruption: Interruption
    console: Console

    @property
    def last_stage(self) -> str:
        """Name of the cascade's last stage."""
        return self.manifest.stages[-1].name


@contextmanager
def benchmark_context(arguments: Namespace) -> Iterator[BenchmarkContext]:
    """Check the arguments, start the broker and print the facts.

    Signals are noticed at the next check of `interruption`, so that all started processes are ended.

    Raises:
        SettingError, DataError, ArtifactError, BrokerError: an argument or its file is invalid.
        KeyboardInterrupt: a signal came; all started processes have ended.

    """
    require_writable(arguments.json)
    manifest, pool = read_manifest(arguments.artifact), read_pool(arguments.tweets)
    interruption, console = Interruption(), wide_console()
    with ExitStack() as stack:
        stack.enter_context(interruption.listening(SIGINT, SIGTERM))
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="tweet-cascade-benchmark-")))
        broker = stack.enter_context(running_broker(arguments.broker))
        facts = machine_facts(broker=broker.name, tweets=pool.name, artifact=_described(arguments.artifact, manifest))
        print_facts(facts, console)
        if pool.sha256 and manifest.data.sha256 != pool.sha256:
            console.print("The artifact was trained on other data, perhaps on these tweets.\n", style="yellow")
        artifact = arguments.artifact.resolve()  # processes start in another folder
        yield BenchmarkContext(broker.servers, pool, artifact, manifest, folder, facts, interruption, console)


def _described(folder: Path, manifest: Manifest) -> str:
    return f"{folder}, {manifest.model_version}: {' > '.join(stage.name for stage in manifest.stages)}"


def require_positive(**values: float) -> None:
    """Check that each of the named arguments is above zero.

    Raises:
        SettingError: one is not.

    """
    for name, value in values.items():
        if not value > 0:
            raise SettingError(f"--{name.replace('_', '-')}: {value:g}; it must be above 0")
