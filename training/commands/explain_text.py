"""`explain`: show why a cascade labels a text as it does."""

from argparse import Namespace
from typing import TYPE_CHECKING

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from schemas import CLASSES
from training.commands.flags import add_artifact_flag
from worker.cli import app
from worker.cli.console import new_console
from worker.cli.sanitize import sanitize

if TYPE_CHECKING:
    from training.explain import StageExplanation, WordWeight

_SHOWN = 6  # words for each label
_STRONG, _NONE = 0.5, 0.05  # log-odds


def add_parser(commands: app.Subcommands) -> None:
    """Add the command."""
    parser = app.add_command(
        commands,
        "explain",
        command,
        help="show why a cascade labels a text as it does",
        description="Shows for one text the probabilities of each stage and of its classifier alone, the words that "
        "moved the classifier, the band in which the stage defers, and the stage that decides. A word's weight is how "
        "far the log-odds of a disaster fall when the word is left out.",
    )
    parser.add_argument("text", metavar="TEXT", help="a tweet's text")
    add_artifact_flag(parser)


def command(arguments: Namespace) -> int:
    """Print a panel per stage and the label."""
    from training.explain import explain
    from worker.models import load_artifact

    explained = explain(load_artifact(arguments.artifact).cascade, arguments.text)
    console = new_console()
    for stage in explained:
        console.print(_panel(stage))
    decider = next(stage for stage in explained if stage.decides)
    label = CLASSES[int(decider.blended >= 0.5)]
    console.print(f"[bold]{label}[/bold], P(disaster) {decider.blended:.3f}, decided by {decider.stage.name}")
    return 0


def _panel(explained: "StageExplanation") -> Panel:
    table = Table.grid(padding=(0, 2))
    table.add_row("classifier alone", f"P(disaster) {explained.classifier:.3f}")
    table.add_row("stage", f"P(disaster) {explained.blended:.3f}")
    table.add_row("defers", _band(explained))
    table.add_row("text", _highlighted(explained.words))
    for title, words in (("for a disaster", _leading(explained.words, 1)), ("against", _leading(explained.words, -1))):
        table.add_row(title, Text(", ".join(f"{sanitize(m.word)} {m.weight:+.2f}" for m in words) or "nothing"))
    role = "decides" if explained.decides else "defers" if explained.reached else "is not reached"
    return Panel(
        table, title=f"{explained.stage.name}: {role}", title_align="left", style="" if explained.reached else "dim"
    )


def _band(explained: "StageExplanation") -> str:
    band = explained.stage.band
    return f"between {band.low:.3f} and {band.high:.3f}" if band else "never"


def _highlighted(words: "list[WordWeight]") -> Text:
    text = Text(overflow="fold")
    for word in words:
        style = "" if abs(word.weight) < _NONE else "red" if word.weight > 0 else "green"
        text.append(sanitize(word.word), style=f"bold {style}" if abs(word.weight) >= _STRONG else style).append(" ")
    return text


def _leading(words: "list[WordWeight]", sign: int) -> "list[WordWeight]":
    leading = [word for word in words if word.weight * sign >= _NONE]
    return sorted(leading, key=lambda word: -word.weight * sign)[:_SHOWN]
