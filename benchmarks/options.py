"""Flags and a setting that the commands have in common."""

from argparse import ArgumentParser, Namespace
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path
from signal import SIGINT, SIGTERM
from tempfile import TemporaryDirectory

from rich.console import Console

from benchmarks import brokers
from benchmarks.output import facts, print_facts, require_writable
from benchmarks.tweets import Pool, read_pool
from schemas import Manifest
from worker.cli import app
from worker.cli.console import new_console
from worker.cli.interruption import Interruption
from worker.errors import SettingError
from worker.models.artifact import read_manifest

_TABLE_WIDTH = 120


def new_parser(name: str, description: str) -> ArgumentParser:
    """Return a parser with the flags that all commands have."""
    parser = ArgumentParser(
        prog=f"python -m benchmarks.{name}", description=description, formatter_class=app.HelpFormatter
    )  # fmt: skip
    flag = parser.add_argument
    flag("--json", type=Path, metavar="FILE",
         help="write the rows there as a list, and what they depend on beside it, in .facts.json")  # fmt: skip
    flag("--artifact", type=Path, default=Path("models/default"), metavar="DIR",
         help="the cascade (default: models/default)")  # fmt: skip
    flag("--tweets", type=Path, metavar="FILE",
         help=".csv with the columns id and text, and target where it is known (default: the held-out tweets and the "
         "unlabelled ones of what training finds: $DISASTER_TWEETS_DIR, ./data or the sample)")  # fmt: skip
    brokers.add_flag(parser)
    return parser


@dataclass(frozen=True)
class Bench:
    """What a command works with, for its length."""

    servers: str
    pool: Pool
    artifact: Path
    manifest: Manifest
    tweets: Path | None
    folder: Path
    facts: dict[str, str]
    interruption: Interruption
    console: Console

    @property
    def last_stage(self) -> str:
        """Name of the stage that no tweet is deferred from."""
        return self.manifest.stages[-1].name


def wide_console() -> Console:
    """Return a console that has room for the tables also where it is a file."""
    console = new_console()
    if not console.is_terminal:
        console.width = max(console.width, _TABLE_WIDTH)
    return console


@contextmanager
def bench(arguments: Namespace) -> Iterator[Bench]:
    """Check the arguments, start the broker, print the facts; Ctrl-C is noticed where a run looks for it.

    Raises:
        SettingError, DataError, ArtifactError, BrokerError: what is wrong.
        KeyboardInterrupt: a signal came; all that was started is ended.

    """
    require_writable(arguments.json)
    manifest, pool = read_manifest(arguments.artifact), read_pool(arguments.tweets)
    interruption, console = Interruption(), wide_console()
    with ExitStack() as stack:
        stack.enter_context(interruption.listening(SIGINT, SIGTERM))
        folder = Path(stack.enter_context(TemporaryDirectory(prefix="tweet-cascade-benchmark-")))
        broker = stack.enter_context(brokers.running(arguments.broker))
        about = facts(broker=broker.name, tweets=pool.name, artefact=_artefact(arguments.artifact, manifest))
        print_facts(about, console)
        if pool.sha256 and manifest.data.sha256 != pool.sha256:
            console.print("The artefact was trained on other data: it may have seen these tweets.\n", style="yellow")
        artifact = arguments.artifact.resolve()  # processes start elsewhere
        yield Bench(
            broker.servers, pool, artifact, manifest, arguments.tweets, folder, about, interruption, console
        )  # fmt: skip


def _artefact(folder: Path, manifest: Manifest) -> str:
    return f"{folder}, {manifest.model_version}: {' > '.join(stage.name for stage in manifest.stages)}"


def require_positive(**values: float) -> None:
    """Check that each of the named numbers is above zero.

    Raises:
        SettingError: one is not.

    """
    for name, value in values.items():
        if not value > 0:
            raise SettingError(f"--{name.replace('_', '-')}: {value:g}; it must be above 0")
