"""`python -m benchmarks.encoder`: the speed of the Universal Sentence Encoder, by the way it is run."""

import json
from argparse import ArgumentParser, Namespace
from collections.abc import Mapping, Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from benchmarks.encoders.engines import measure_engines
from benchmarks.encoders.peak_flops import peak_flops, use_flop
from benchmarks.encoders.ways import by_batch, by_length, compare, hub_encoder, numpy_encoder, worker_encoder
from benchmarks.results.facts import machine_facts, print_facts
from benchmarks.results.output import TableRow, add_json_flag, new_table, require_writable, wide_console, write_json
from worker.cli import app
from worker.cli.tweet_files import read_messages
from worker.errors import DataError
from worker.models.artifact import read_manifest
from worker.models.encoder.packed_encoder import TOKENIZER
from worker.models.tensorflow import SavedModel, Tensor, load_saved_model, tensorflow

_TWEETS = Path("training/sample/train.csv")
_DESCRIPTION = """\
Measures USE alone: tweets a second, medians, and the cosine to hub.load's vectors. Three encoders get the same texts
alternately: hub_naive, hub.load with strings in batches of 512; ours, the worker's; packed, the NumPy and Rust encoder
of the package with the weights. Texts are cleaned as for the cascade's last stage (links and mentions shortened).

Then each engine and type (ONNX Runtime in int8 and float32, TensorFlow in bfloat16 and float32) runs in its own
process, by turns: CPU and wall time, memory, and the time from the start of the process to its first vector."""


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = app.new_parser("python -m benchmarks.encoder", _DESCRIPTION)
    flag = parser.add_argument
    source = parser.add_mutually_exclusive_group()
    source.add_argument("--artifact", type=Path, default=Path("models/default"), metavar="DIR",
                        help="the artifact whose encoder is measured (default: models/default)")  # fmt: skip
    source.add_argument("--use-handle", metavar="HANDLE", help="another encoder: a folder or a tensorflow_hub handle")
    flag("--tweets", type=Path, default=_TWEETS, metavar="FILE", help=f".csv or .jsonl (default: {_TWEETS})")
    flag("--count", type=int, default=1024, metavar="N", help="texts, repeated if there are fewer (default: 1024)")
    flag("--rounds", type=int, default=5, metavar="N", help="rounds of each encoder (default: 5)")
    flag("--raw", action="store_true", help="do not clean the texts")
    add_json_flag(parser)
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Measure, print and write."""
    require_writable(arguments.json)
    texts = read_texts(arguments.tweets, arguments.count, raw=arguments.raw)
    folder = arguments.use_handle or str(encoder_of(arguments.artifact))
    kind, console = "raw" if arguments.raw else "clean", wide_console()
    facts = machine_facts(encoder=folder, tweets=f"{len(texts):,} {kind} texts of {arguments.tweets}")
    print_facts(facts, console)
    model = _strings(folder)
    encoders = {"hub_naive": hub_encoder(model), "ours": worker_encoder(folder), "packed": numpy_encoder(texts[:32])}
    ours = encoders["ours"]
    rows = [*compare(encoders, texts, arguments.rounds), *by_batch(ours, texts), *by_length(ours, texts)]
    _report(rows, _mean_pieces(model, texts), f"USE on {len(texts):,} {kind} texts", console)
    engines: list[TableRow] = []
    if _is_packed(folder):
        engines = measure_engines(Path(folder), texts, encoders["hub_naive"](texts), arguments.rounds)
        console.print(_engines_table(engines))
    write_json(arguments.json, [*rows, *engines], facts)
    return 0


def _is_packed(folder: str) -> bool:
    return (Path(folder) / TOKENIZER).is_file()


def _engines_table(rows: Sequence[TableRow]) -> Table:
    """Return the engines and types side by side."""
    columns = ("engine", "CPU us a text", "us, single text", "resident MB", "load s", "cosine", "least")
    table = new_table("Each engine and type in its own process; CPU in batches of 1,024, all threads", *columns)
    for row in rows:
        name, cpu, single, memory, load, cosine, least = row.values()
        table.add_row(
            str(name), f"{cpu:,.0f}", f"{single:,.0f}", f"{memory:,.0f}", f"{load:.1f}", f"{cosine:.5f}", f"{least:.4f}"
        )
    return table


def _strings(folder: str) -> SavedModel:
    """Return the encoder as hub.load gives it: a SavedModel of strings, made of the artifact's weights."""
    from training.encoder.saved_model import build_saved_model

    return build_saved_model() if _is_packed(folder) else load_saved_model(folder)


def encoder_of(artifact: Path) -> Path:
    """Return the folder of an artifact's sentence encoder.

    Raises:
        DataError: it has none.

    """
    encoders = [stage.files["encoder"] for stage in read_manifest(artifact).stages if "encoder" in stage.files]
    if not encoders:
        raise DataError(f"no stage of {artifact} has a sentence encoder; give one with --use-handle")
    return artifact / encoders[0]


def read_texts(path: Path, count: int, *, raw: bool) -> list[str]:
    """Return `count` texts of the file, repeated if it has fewer, cleaned unless `raw`.

    Raises:
        DataError: the file has none.

    """
    from worker.models.text_cleaning import clean

    found = [json.loads(message.value or b"")["text"] for message in read_messages(str(path), "tweets")]
    if not found:
        raise DataError(f"{path} has no tweets; give a file with some to --tweets")
    texts = found if raw else [clean(text) for text in found]
    return [texts[n % len(texts)] for n in range(count)]


def _mean_pieces(model: Tensor, texts: list[str]) -> float | None:
    """Return the mean number of pieces a text; None if the encoder is not one of this project."""
    if not hasattr(model, "tokenize"):
        return None
    return float(model.tokenize(tensorflow().constant(texts)).row_lengths().numpy().mean())


def _report(rows: Sequence[TableRow], pieces: float | None, title: str, console: Console) -> None:
    """Print the table; for an encoder of this project also the share of the machine's peak."""
    peaks = peak_flops() if pieces else {}
    columns = ("encoder", "tweets/s", "us", "x naive", "cosine", "least", *(f"/{name}" for name in peaks))
    table = new_table(title, *columns)
    for row in rows:
        table.add_row(*_cells(row, float(str(rows[0]["tweets_per_second"])), pieces, peaks))
    console.print(table)
    if pieces:
        best = ", ".join(f"{rate / 1e9:,.0f} GFLOP/s in {name}" for name, rate in peaks.items())
        console.print(f"{pieces:.1f} pieces and {use_flop(pieces) / 1e6:.0f} MFLOP a text; product of matrices: {best}")


def _cells(row: TableRow, naive: float, pieces: float | None, peaks: Mapping[str, float]) -> tuple[str, ...]:
    rate, same_texts = float(str(row["tweets_per_second"])), "chars" not in str(row["name"])
    ratio = f"{rate / naive:.2f}" if same_texts else ""
    shares = [f"{rate * use_flop(pieces) / peak:.0%}" if pieces and same_texts else "" for peak in peaks.values()]
    cosines = [f"{row[key]:.5f}" if key in row else "" for key in ("cosine", "cosine_least")]
    return str(row["name"]), f"{rate:,.0f}", f"{1e6 / rate:,.0f}", ratio, *cosines, *shares


if __name__ == "__main__":
    app.leave(app.main(build_parser()))
