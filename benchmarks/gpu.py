"""`python -m benchmarks.gpu`: check USE and the cascade on a GPU against the CPU, and measure their speed."""

import statistics
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from pathlib import Path

from rich.console import Console

from benchmarks.encoder import encoder_of, read_texts
from benchmarks.encoders.peak_flops import use_flop
from benchmarks.encoders.peak_onnx import peak_float16
from benchmarks.results.facts import machine_facts, print_facts
from benchmarks.results.output import TableRow, add_json_flag, new_table, require_writable, wide_console, write_json
from worker.cascade.cascade import ThresholdCascade
from worker.cli import app
from worker.models import load_artifact
from worker.models.encoder.packed_encoder import EncoderFiles
from worker.models.encoder.selection import FLOAT16, FLOAT32, GPU, LEAST_COSINE, least_cosine, new_encoder
from worker.models.gpu.driver import load_driver, used_memory
from worker.models.gpu.provider import serves_on_gpu, usable_gpus
from worker.models.onnx import CPU, CUDA

_TWEETS = Path("training/sample/train.csv")
_BATCHES = (1, 16, 128, 1024, 4096)
_BATCH = 2048
"""Tweets of a batch of the cascade: the worker's default."""
_MOST_CHANGED = 0.003
"""Share of labels that may differ from the CPU's: ten of Kaggle's 3,263 test tweets."""
_DESCRIPTION = """\
Checks everything that a worker with a GPU needs, on the card of this machine: driver, CUDA provider, the graphs, the
vectors and labels beside the CPU's, the memory. Then it measures: texts a second that USE embeds by batch size, the
share of the card's peak (products of large matrices in float16) that this is, and tweets a second of the whole
cascade, without Kafka, on the card and on the CPU. Exit code 1 if vectors or labels differ from the CPU's by more than
rounding explains, 2 if no GPU can be used.

Install ONNX Runtime for CUDA first: pip install ./deploy/gpu '.[training,benchmarks]' (docs/deployment.md)."""


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = app.new_parser("python -m benchmarks.gpu", _DESCRIPTION)
    flag = parser.add_argument
    flag("--artifact", type=Path, default=Path("models/default"), metavar="DIR",
         help="the artifact that is measured (default: models/default)")  # fmt: skip
    flag("--tweets", type=Path, default=_TWEETS, metavar="FILE", help=f".csv or .jsonl (default: {_TWEETS})")
    flag("--count", type=int, default=8192, metavar="N", help="texts, repeated if there are fewer (default: 8192)")
    flag("--rounds", type=int, default=5, metavar="N", help="rounds of each measurement (default: 5)")
    flag("--device", choices=("gpu", "cpu"), default="gpu",
         help="cpu runs the same graph and code without a card, slowly, to try the command (default: gpu)")  # fmt: skip
    add_json_flag(parser)
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Check, measure, print and write."""
    require_writable(arguments.json)
    serves_on_gpu(arguments.device)
    files, texts = EncoderFiles(encoder_of(arguments.artifact)), read_texts(arguments.tweets, arguments.count, raw=True)
    console = wide_console()
    facts = machine_facts(gpu=_card(arguments.device), tweets=f"{len(texts):,} of {arguments.tweets}")
    print_facts(facts, console)
    encoders = list(_encoders(files, arguments, console))
    cascades = _cascades(arguments, texts)
    _report(encoders, cascades, console)
    write_json(arguments.json, [*encoders, *cascades], facts)
    return int(not _agrees(encoders, cascades))


def _card(device: str) -> str:
    return (
        ", ".join(f"{gpu.name}, {gpu.memory / 2**30:.0f} GiB" for gpu in usable_gpus()) if device == "gpu" else "none"
    )


def _memory_mb(device: str) -> int:
    return round(used_memory(load_driver()) / 1e6) if device == "gpu" else 0


def _encoders(files: EncoderFiles, arguments: Namespace, console: Console) -> Iterator[TableRow]:
    """Yield a row for each type and batch size."""
    texts = read_texts(arguments.tweets, max(_BATCHES), raw=False)[: arguments.count]
    expected = new_encoder(files, FLOAT32).encode(texts[:256])
    peak = peak_float16(CUDA if arguments.device == "gpu" else CPU)
    console.print(f"peak in float16, by products of large matrices: {peak / 1e12:.2f} TFLOP/s\n")
    for arithmetic in GPU if arguments.device == "gpu" else (FLOAT16,):
        encoder = new_encoder(files, arithmetic)
        encoder.warm_up()
        cosine = least_cosine(encoder.encode(texts[:256]), expected)
        pieces = len(encoder.tokenize(texts)[0]) / len(texts)
        for size in [size for size in _BATCHES if size <= len(texts)]:
            seconds = _median(partial(encoder.encode, texts[:size]), arguments.rounds) / size
            yield {
                "name": f"{arithmetic}, batches of {size:,}",
                "texts_per_second": round(1 / seconds),
                "share_of_peak": use_flop(pieces) / seconds / peak,
                "cosine_least": cosine,
                "tokens_share": _median(partial(encoder.tokenize, texts[:size]), arguments.rounds) / size / seconds,
                "gpu_memory_mb": _memory_mb(arguments.device),
            }


def _cascades(arguments: Namespace, texts: list[str]) -> list[TableRow]:
    """Return a row for the cascade on the device and one on the CPU, measured by turns."""
    cascades = {
        f"cascade, {device}": load_artifact(arguments.artifact, device=device).cascade
        for device in (arguments.device, "cpu")
    }
    expected = _labels(cascades["cascade, cpu"], texts)
    return [
        {
            "name": name,
            "tweets_per_second": round(len(texts) / _median(partial(_labels, cascade, texts), arguments.rounds)),
            "labels_changed": sum(a != b for a, b in zip(_labels(cascade, texts), expected, strict=True)) / len(texts),
            "gpu_memory_mb": _memory_mb(arguments.device),
        }
        for name, cascade in cascades.items()
    ]


def _labels(cascade: ThresholdCascade, texts: list[str]) -> list[int]:
    batches = [texts[start : start + _BATCH] for start in range(0, len(texts), _BATCH)]
    return [p.target for batch in batches for p in cascade.predict(batch).predictions]


def _median(call: Callable[[], object], rounds: int) -> float:
    """Return the median of the seconds that a call takes, after one that is not counted."""
    call()
    return statistics.median(_seconds(call) for _ in range(rounds))


def _seconds(call: Callable[[], object]) -> float:
    start = time.perf_counter()
    call()
    return time.perf_counter() - start


def _agrees(encoders: Sequence[TableRow], cascades: Sequence[TableRow]) -> bool:
    cosines = [float(str(row["cosine_least"])) for row in encoders]
    return min(cosines) >= LEAST_COSINE and all(float(str(row["labels_changed"])) <= _MOST_CHANGED for row in cascades)


def _report(encoders: Sequence[TableRow], cascades: Sequence[TableRow], console: Console) -> None:
    table = new_table("USE", "type", "texts/s", "of the peak", "of it tokens, CPU", "least cosine to the CPU", "GPU MB")
    for row in encoders:
        name, rate, share, cosine, tokens, memory = row.values()
        table.add_row(str(name), f"{rate:,}", f"{share:.1%}", f"{tokens:.0%}", f"{cosine:.6f}", f"{memory:,}")
    console.print(table)
    table = new_table("The cascade without Kafka", "device", "tweets/s", "labels unlike the CPU's", "GPU MB")
    for row in cascades:
        name, rate, changed, memory = row.values()
        table.add_row(str(name), f"{rate:,}", f"{changed:.2%}", f"{memory:,}")
    console.print(table)
    verdict = (
        "agree with the CPU's" if _agrees(encoders, cascades) else "DIFFER from the CPU's: do not serve on this GPU"
    )
    console.print(f"vectors and labels {verdict}")


if __name__ == "__main__":
    app.leave(app.main(build_parser()))
