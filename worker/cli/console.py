"""Console output: progress bars and labels."""

from rich.console import Console
from rich.progress import (
    BarColumn,
    MofNCompleteColumn,
    Progress,
    ProgressColumn,
    SpinnerColumn,
    Task,
    TextColumn,
    TimeElapsedColumn,
)
from rich.text import Text

from schemas import Label
from worker.cli.sanitize import sanitize

STYLES = ("green", "bold red")
"""Of the targets 0 and 1."""


class _PipedConsole(Console):
    """Leaves a closed pipe to the application: rich would exit with code 1."""

    def on_broken_pipe(self) -> None:
        raise BrokenPipeError


def new_console(*, stderr: bool = False) -> Console:
    """Return a console that shows text as it is: no colored numbers, no `:abc:` as an emoji."""
    return _PipedConsole(stderr=stderr, highlight=False, emoji=False)


class RateColumn(ProgressColumn):
    """Items per second."""

    def render(self, task: Task) -> Text:
        """Return the task's speed; an empty text while it is unknown."""
        speed = task.finished_speed or task.speed
        return Text(f"{speed:,.0f}/s" if speed else "", style="cyan")


def progress_bar(console: Console) -> Progress:
    """Return a progress display: description, bar, count of total, rate, elapsed time."""
    return Progress(
        SpinnerColumn(),
        TextColumn("{task.description}"),
        BarColumn(),
        MofNCompleteColumn(),
        RateColumn(),
        TimeElapsedColumn(),
        console=console,
    )


def label_line(label: Label, text: str) -> Text:
    """Return a label as one line of text: class, probability of class 1, deciding stage, tweet."""
    line = Text()
    line.append(f"{label.label:<12} ", STYLES[label.target])
    line.append(f"{label.probability:4.0%}  {label.stage:<9} ", "dim")
    line.append(sanitize(text))
    return line
