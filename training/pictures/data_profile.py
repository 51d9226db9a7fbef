"""Pictures of the profile of a data set."""

import warnings
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
from matplotlib.axes import Axes

from training.data.profile import Facts, Lengths, Value
from training.pictures.style import BLUE, FAINT, GREEN, ORANGE, PURPLE, new_axes, plain, save
from worker.cli.sanitize import sanitize

_COLOURS = (BLUE, ORANGE)  # of the targets 0 and 1
_ROW = 0.24  # inches per bar with its label
_FEWEST = 10  # tweets of a keyword: the share of disasters among fewer is noise
_OPTIONAL = ("keywords", "locations")  # not every data set has them
_TELLING = 12  # words per class
_LONGEST_LABEL = 40


def write_pictures(facts: Facts, folder: Path) -> list[Path]:
    """Write each picture as an SVG file into the folder and return the paths; remove outdated optional pictures."""
    for name in _OPTIONAL:
        (folder / f"{name}.svg").unlink(missing_ok=True)
    paths = []
    with warnings.catch_warnings():
        # The viewer's fonts draw the text of an SVG; matplotlib's need not have the glyphs.
        warnings.filterwarnings("ignore", message="Glyph .* missing from")
        for name, axes in _pictures(facts):
            paths.append(folder / f"{name}.svg")
            save(axes, paths[-1])
    return paths


def _pictures(facts: Facts) -> Iterator[tuple[str, Axes]]:
    yield "classes", classes(facts)
    yield "words-per-tweet", lengths("Words in a tweet", "words, split at white space", facts.words, 1)
    yield "characters-per-tweet", lengths("Characters in a tweet", "characters, in bins of ten", facts.characters, 10)
    yield "duplicates", duplicates(facts)
    yield "missing", missing(facts)
    yield "frequent-words", frequent_words(facts)
    yield "telling-words", telling_words(facts)
    for column, values in facts.values.items():
        large = [value for value in values if value.tweets >= _FEWEST]
        if len(large) > 1:
            yield f"{column}s", shares(column, large, facts.classes[1])


def classes(facts: Facts) -> Axes:
    """Draw the sizes of the classes."""
    counts = [facts.disasters, facts.tweets - facts.disasters]
    axes = _rows("Class balance", facts.classes[::-1])
    bars = axes.barh(range(2), counts, color=_COLOURS[::-1])
    axes.bar_label(bars, [f"{n:,} ({n / facts.tweets:.0%})" for n in counts], padding=4)
    axes.set_xlabel("tweets")
    axes.margins(x=0.2)
    return axes


def lengths(title: str, label: str, found: Lengths, width: int) -> Axes:
    """Draw the distribution of lengths of each class in bins of the given width, and the mean of all."""
    axes = new_axes(f"{title}: {found.mean:.1f} on average")
    edges = np.arange(0, found.longest + 1 + width, width)
    for target, (name, counts) in zip((1, 0), found.histogram.items(), strict=True):
        values = np.histogram(np.arange(len(counts)), edges, weights=counts)[0]
        # Shares of the class, not counts: otherwise the larger class would be the higher line.
        axes.stairs(100 * values / max(values.sum(), 1), edges - (width == 1) / 2, color=_COLOURS[target], linewidth=2,
                    linestyle="-" if target else "--", label=plain(name))  # fmt: skip
    axes.axvline(found.mean, color=FAINT, linestyle=":", label="mean of all")
    axes.set_xlabel(label)
    axes.set_ylabel("% of the class's tweets")
    axes.legend()
    return axes


def duplicates(facts: Facts) -> Axes:
    """Draw the numbers of duplicates, and of duplicates with conflicting labels."""
    kinds = {"exact": facts.exact_duplicates, "near": facts.near_duplicates}
    axes = _rows("Duplicates", list(kinds), scale=2.2)
    for offset, (label, colour, counts) in enumerate((
        ("in a group of duplicates", GREEN, [kind.tweets for kind in kinds.values()]),
        ("in a group with both labels", PURPLE, [kind.conflicting_tweets for kind in kinds.values()]),
    )):  # fmt: skip
        bars = axes.barh(np.arange(2) + 0.4 * offset - 0.2, counts, height=0.36, color=colour, label=label)
        axes.bar_label(bars, [f"{n:,} ({n / facts.tweets:.1%})" for n in counts], padding=4)
    axes.set_xlabel("tweets")
    axes.set_xlim(0, max(facts.near_duplicates.tweets * 1.25, 1))
    axes.legend(loc="upper left", bbox_to_anchor=(0, -0.35), ncols=2)
    return axes


def missing(facts: Facts) -> Axes:
    """Draw the share of empty fields in each column."""
    axes = _rows("Missing values", list(facts.missing))
    bars = axes.barh(range(len(facts.missing)), [100 * n / facts.tweets for n in facts.missing.values()], color=GREEN)
    axes.bar_label(bars, [f"{n:,}" for n in facts.missing.values()], padding=4)
    axes.set_xlabel("% of rows, empty or blank")
    axes.set_xlim(0, 100)
    return axes


def frequent_words(facts: Facts) -> Axes:
    """Draw the number of tweets of each class that contain each word, without stop words, stacked."""
    words = facts.frequent_content_words
    axes = _rows("Most frequent words without stop words", [word.word for word in words])
    left = np.zeros(len(words))
    for target, counts in ((1, [word.disaster for word in words]), (0, [word.not_disaster for word in words])):
        axes.barh(range(len(words)), counts, left=left, color=_COLOURS[target], label=plain(facts.classes[target]))
        left += counts
    axes.set_xlabel("tweets with the word")
    axes.legend(loc="lower right")
    return axes


def telling_words(facts: Facts) -> Axes:
    """Draw the z-scores of the most telling words: disasters to the right, other tweets to the left."""
    of_1, of_0 = facts.telling_words.values()
    words = [*of_1[:_TELLING], *of_0[:_TELLING][::-1]]
    axes = _rows("Most telling words", [word.word for word in words])
    colours = [_COLOURS[word.z > 0] for word in words]
    axes.barh(range(len(words)), [word.z for word in words], color=colours)
    axes.set_xlabel(f"z-score of the log odds ratio: {' < 0 < '.join(map(plain, facts.classes))}")
    return axes


def shares(column: str, values: Sequence[Value], name: str, most: int = 12) -> Axes:
    """Draw the values of a column with the highest and the lowest shares of the named class."""
    ordered = sorted(values, key=lambda value: (-value.disaster_share, value.value))
    shown = ordered if len(ordered) <= 2 * most else [*ordered[:most], *ordered[-most:]]
    axes = _rows(f"Share of {plain(name)} by {column}: the highest and the lowest", [value.value for value in shown])
    bars = axes.barh(range(len(shown)), [100 * value.disaster_share for value in shown], color=ORANGE)
    axes.bar_label(bars, [f"of {value.tweets}" for value in shown], padding=4, fontsize=8)
    axes.set_xlabel(f"% of the {column}'s tweets, of {column}s with at least {_FEWEST} tweets")
    axes.set_xlim(0, 115)
    axes.set_xticks(range(0, 101, 20))
    return axes


def _rows(title: str, labels: Sequence[str], scale: float = 1.0) -> Axes:
    """Return axes with one labelled row per bar, the first on top."""
    axes = new_axes(title, height=1.1 + _ROW * scale * max(len(labels), 2))
    # Text from tweets must not be parsed as a formula.
    axes.set_yticks(range(len(labels)), [_short(sanitize(label)) for label in labels], parse_math=False)
    axes.set_ylim(len(labels) - 0.4, -0.6)
    axes.grid(visible=False, axis="y")
    return axes


def _short(label: str) -> str:
    return label if len(label) <= _LONGEST_LABEL else label[: _LONGEST_LABEL - 1] + "…"
