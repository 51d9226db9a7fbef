"""The tables that `explore` prints."""

from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from rich import box
from rich.bar import Bar
from rich.console import Console, RenderableType
from rich.table import Table
from rich.text import Text

from worker.cli.console import STYLES
from worker.cli.sanitize import sanitize

if TYPE_CHECKING:
    import pandas as pd

    from schemas import ClassNames
    from training.data.profile import Facts, Lengths, Value
    from training.data.words import Word

_BAR = 24  # characters
_MOST = 10  # rows of a list; facts.json has more


def show(facts: "Facts", tweets: "pd.DataFrame", console: Console) -> None:
    """Print all tables and the sampled tweets."""
    for table in _tables(facts):
        console.print(table)
    if len(tweets):
        console.print(_sample(tweets, facts.classes))


def _tables(facts: "Facts") -> Iterator[Table]:
    yield _classes(facts)
    yield _lengths(facts)
    yield _duplicates(facts)
    yield _missing(facts)
    yield _words("Most frequent words", facts.frequent_words, facts.classes)
    yield _words("Most frequent words, stop words left out", facts.frequent_content_words, facts.classes)
    for name, words in facts.telling_words.items():
        yield _words(f"Words most telling of {name}", words, facts.classes)
    for column, values in facts.values.items():
        yield _values(column, values, facts.classes[1])


def _classes(facts: "Facts") -> Table:
    table = _table(f"{facts.tweets:,} labelled tweets", "class", "tweets", "share")
    for target, count in ((1, facts.disasters), (0, facts.tweets - facts.disasters)):
        bar = _bar(count, facts.tweets, STYLES[target])
        table.add_row(Text(facts.classes[target]), f"{count:,}", f"{count / facts.tweets:.1%}", bar)
    return table


def _lengths(facts: "Facts") -> Table:
    table = _table("Lengths", "of a tweet in", "mean", "median", "95 % have at most", "longest")
    for name, found in (("words", facts.words), ("characters", facts.characters)):
        table.add_row(name, f"{found.mean:.1f}", f"{found.median:.0f}", f"{found.percentile_95:.0f}",
                      f"{found.longest}", _spark(found))  # fmt: skip
    return table


def _duplicates(facts: "Facts") -> Table:
    table = _table("Duplicates", "kind", "groups", "tweets", "groups with both labels", "tweets in these")
    for name, found in (("exact", facts.exact_duplicates), ("near", facts.near_duplicates)):
        figures = (found.groups, found.tweets, found.conflicting_groups, found.conflicting_tweets)
        table.add_row(name, *(f"{n:,}" for n in figures))
    table.caption = (
        "near: equal but for links, mentions, punctuation and a few words; exact duplicates are near ones too"
    )
    return table


def _missing(facts: "Facts") -> Table:
    table = _table("Missing values", "column", "empty", "share")
    for name, count in facts.missing.items():
        table.add_row(Text(sanitize(name)), f"{count:,}", f"{count / facts.tweets:.1%}", _bar(count, facts.tweets))
    return table


def _words(title: str, words: Sequence["Word"], classes: "ClassNames") -> Table:
    table = _table(title, "word", f"in {classes[1]}", f"in {classes[0]}", "z")
    largest = max((word.disaster + word.not_disaster for word in words), default=1)
    for word in words[:_MOST]:
        bar = _bar(word.disaster + word.not_disaster, largest)
        table.add_row(Text(sanitize(word.word)), f"{word.disaster:,}", f"{word.not_disaster:,}", f"{word.z:+.1f}", bar)
    return table


def _values(column: str, values: Sequence["Value"], positive: str) -> Table:
    title = f"{len(values):,} different {column}s" + (", the most frequent:" if len(values) > _MOST else "")
    table = _table(title, column, "tweets", f"of these {positive}")
    for value in values[:_MOST]:
        bar = _bar(value.disaster_share, 1, STYLES[1])
        table.add_row(Text(sanitize(value.value)), f"{value.tweets:,}", f"{value.disaster_share:.0%}", bar)
    return table


def _sample(tweets: "pd.DataFrame", classes: "ClassNames") -> Table:
    table = Table(title="Random tweets", title_justify="left", box=box.SIMPLE)
    table.add_column("id", no_wrap=True)
    table.add_column("label", no_wrap=True)
    table.add_column("text", overflow="fold")
    for id_, target, text in zip(tweets["id"], tweets["target"], tweets["text"], strict=True):
        label = Text(classes[int(target)], STYLES[int(target)])
        table.add_row(Text(sanitize(str(id_))), label, Text(sanitize(text)))
    return table


def _table(title: str, first: str, *others: str) -> Table:
    """Return an empty table with a column of names, columns of figures and a column for a bar."""
    table = Table(title=Text(title), title_justify="left", caption_justify="left", box=box.SIMPLE)
    table.add_column(first, overflow="fold", min_width=14)
    for name in others:
        table.add_column(Text(name), justify="right")
    table.add_column(width=_BAR)
    return table


def _bar(value: float, most: float, style: str = "cyan") -> RenderableType:
    return Bar(most, 0, value, width=_BAR, color=style.rsplit(maxsplit=1)[-1])


def _spark(found: "Lengths") -> Text:
    """Return the histogram of lengths as a sparkline, from the shortest to the longest."""
    counts = [sum(pair) for pair in zip(*found.histogram.values(), strict=True)]
    step = -(-len(counts) // _BAR)
    bins = [sum(counts[start : start + step]) for start in range(0, len(counts), step)]
    return Text("".join(" ▁▂▃▄▅▆▇█"[-(-8 * n // max(bins))] for n in bins), "cyan")
