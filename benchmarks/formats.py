"""`python -m benchmarks.formats`: the cost of decoding a record, by its format.

The same text is decoded by turns as a plain tweet, by pydantic's model of the contract, as before the worker read
other formats, and in each other format. CPU time is compared, which other processes on the machine hardly change.
"""

import json
import statistics
import time
from argparse import ArgumentParser, Namespace
from collections.abc import Callable, Sequence

from schemas import Tweet
from worker.cli import app
from worker.formats.paths import compile_copies
from worker.formats.reader import RecordReader
from worker.stream.codec import decode
from worker.types import Record

_TEXT = "Forest fire near La Ronge Sask. Canada, families are evacuated and the road is closed #wildfire"
_POST = {"id": "1212092628029698048", "text": _TEXT, "lang": "en", "author_id": "2244994945"}
_RECORDS: dict[str, object] = {
    "plain": _POST,
    "x-v2": {"data": {**_POST, "note_tweet": {"text": _TEXT}}, "matching_rules": []},
    "x-v1": {**_POST, "retweeted_status": {"extended_tweet": {"full_text": _TEXT}}},
    "connect": {"schema": {"type": "struct"}, "payload": _POST},
    "jetstream": {"did": "did:plc:a", "kind": "commit",
                  "commit": {"collection": "app.bsky.feed.post", "rkey": "r", "record": {"text": _TEXT}}},
    "debezium": {"before": None, "after": _POST, "source": {"db": "d"}, "op": "c"},
    "mastodon": {"id": "1", "content": f"<p>{_TEXT}</p>", "spoiler_text": ""},
}  # fmt: skip


def build_parser() -> ArgumentParser:
    """Return the parser."""
    parser = app.new_parser("python -m benchmarks.formats", "Measures CPU time to decode a record, by format.")
    parser.add_argument("--rounds", type=int, default=40, metavar="N", help="turns of each format (default: 40)")
    parser.add_argument("--records", type=int, default=5_000, metavar="N", help="records in a turn (default: 5000)")
    parser.set_defaults(command=command)
    return parser


def command(arguments: Namespace) -> int:
    """Measure by turns and print."""
    cases = dict(_cases())
    taken: dict[str, list[float]] = {name: [] for name in cases}
    for n in range(arguments.rounds):
        for name in list(cases) if n % 2 else reversed(list(cases)):
            taken[name].append(_seconds(*cases[name], arguments.records))
    print(report(taken, arguments.records))
    return 0


def _cases() -> Sequence[tuple[str, tuple[Callable[[Record], object], Record]]]:
    """Return each case's function and record by name; the first is what the others are compared with."""
    records = {name: Record("t", 0, 0, 0, None, json.dumps(value).encode()) for name, value in _RECORDS.items()}
    copying = RecordReader(copied=compile_copies(["lang", "author_id"]))
    return [
        ("pydantic", (lambda record: Tweet.model_validate_json((record.value or b"").decode()), records["plain"])),
        *((name, (decode, record)) for name, record in records.items()),
        ("plain, two fields copied", (lambda record: decode(record, copying), records["plain"])),
    ]


def _seconds(function: Callable[[Record], object], record: Record, count: int) -> float:
    start = time.process_time()
    for _ in range(count):
        function(record)
    return time.process_time() - start


def report(taken: dict[str, list[float]], count: int) -> str:
    """Return a line for each case: microseconds a record, and the ratio to the first case, medians of the turns."""
    first = next(iter(taken.values()))
    return "\n".join(
        f"{name:26} {statistics.median(seconds) / count * 1e6:6.2f} us   "
        f"{statistics.median(b / a for a, b in zip(first, seconds, strict=True)):5.2f}"
        for name, seconds in taken.items()
    )


if __name__ == "__main__":
    app.leave(app.main(build_parser()))
