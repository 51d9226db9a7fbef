"""`explain`: show why a cascade labels a text as it does."""

from argparse import Namespace
from math import isnan
from typing import TYPE_CHECKING

from rich.panel import Panel
from rich.table import Table
from rich.text import Text

from training.commands.flags import add_artifact_flag
from worker.cli import app
from worker.cli.console import new_console
from worker.cli.sanitize import sanitize

if TYPE_CHECKING:
    from schemas import ClassNames
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
        "far the log-odds of a disaster, or of what was trained instead, fall when the word is left out.",
    )
    parser.add_argument("text", metavar="TEXT", help="a tweet's text")
    add_artifact_flag(parser)


def command(arguments: Namespace) -> int:
    """Print a panel per stage and the label."""
    from training.explain import explain
    from worker.models import load_artifact

    cascade = load_artifact(arguments.artifact).cascade
    explained = explain(cascade, arguments.text)
    console = new_console()
    for stage in explained:
        console.print(_panel(stage, cascade.classes))
    console.print(_decision(next(stage for stage in explained if stage.decides), cascade.classes))
    return 0


def _decision(decider: "StageExplanation", classes: "ClassNames") -> Text:
    label = Text(classes[int(decider.blended >= 0.5)], "bold")
    return Text.assemble(label, f", P({classes[1]}) {decider.blended:.3f}, decided by {decider.stage.name}")


def _panel(explained: "StageExplanation", classes: "ClassNames") -> Panel:
    table = Table.grid(padding=(0, 2))
    table.add_row("classifier alone", _alone(explained.classifier, classes))
    table.add_row("stage", Text(f"P({classes[1]}) {explained.blended:.3f}"))
    table.add_row("defers", _band(explained))
    table.add_row("text", _highlighted(explained.words))
    for name, sign in ((classes[1], 1), (classes[0], -1)):
        words = _leading(explained.words, sign)
        table.add_row(
            Text(f"for {name}"), Text(", ".join(f"{sanitize(m.word)} {m.weight:+.2f}" for m in words) or "nothing")
        )
    role = "decides" if explained.decides else "defers" if explained.reached else "is not reached"
    return Panel(
        table, title=f"{explained.stage.name}: {role}", title_align="left", style="" if explained.reached else "dim"
    )


def _alone(p: float, classes: "ClassNames") -> Text:
    return Text("cannot read this text, and is left out" if isnan(p) else f"P({classes[1]}) {p:.3f}")


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
