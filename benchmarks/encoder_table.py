"""The encoder's figures as a table."""

from rich import box
from rich.table import Table

from benchmarks.peak_flops import flop, measured_peaks
from worker.cli.console import new_console
from worker.models.packed_encoder import offers_packing
from worker.models.tensorflow import load_saved_model, tensorflow


def print_rows(rows: list[dict[str, str | float]], folder: str, texts: list[str], *, raw: bool) -> None:
    """Print the rows; for an encoder of this project also the share of what the machine can do at best."""
    model, console = load_saved_model(folder), new_console()
    pieces = _mean_pieces(model, texts) if offers_packing(model) else None
    peaks = measured_peaks() if pieces else {}
    title = f"USE on {len(texts):,} {'raw' if raw else 'clean'} texts"
    table = Table(title=title, title_justify="left", box=box.SIMPLE, padding=(0, 1, 0, 0))
    for name in ("", "tweets/s", "us", "x naive", "cosine", "least", *(f"/{name}" for name in peaks)):
        table.add_column(name, justify="right" if name else "left", no_wrap=True)
    for row in rows:
        table.add_row(*_cells(row, float(rows[0]["tweets_per_second"]), pieces, peaks))
    console.print(table)
    if pieces:
        best = ", ".join(f"{rate / 1e9:,.0f} GFLOP/s in {name}" for name, rate in peaks.items())
        console.print(f"{pieces:.1f} pieces and {flop(pieces) / 1e6:.0f} MFLOP a text; a product of matrices: {best}")


def _mean_pieces(model: object, texts: list[str]) -> float:
    tokens = model.tokenize(tensorflow().constant(texts))  # type: ignore[attr-defined]  # TensorFlow has no types
    return float(tokens.row_lengths().numpy().mean())


def _cells(row: dict[str, str | float], naive: float, pieces: float | None, peaks: dict[str, float]) -> tuple[str, ...]:
    rate, same_texts = float(row["tweets_per_second"]), "chars" not in str(row["name"])
    times = f"{rate / naive:.2f}" if same_texts else ""
    shares = [f"{rate * flop(pieces) / peak:.0%}" if pieces and same_texts else "" for peak in peaks.values()]
    cosines = [f"{row[key]:.5f}" if key in row else "" for key in ("cosine", "cosine_least")]
    return str(row["name"]), f"{rate:,.0f}", f"{1e6 / rate:,.0f}", times, *cosines, *shares
