"""`review`, as a person sees it: in a terminal, and with a spreadsheet."""

import csv
import fcntl
import os
import pty
import re
import select
import shutil
import signal
import subprocess
import sys
import termios
import time
from collections import Counter
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from tests.training.commands.running import run
from tests.training.review.sheets import new_sheet
from training.data.dataset import SAMPLE
from training.review.sheet import read_sheet

_PATIENCE_S = 60.0


def _control() -> None:
    """Make standard input the terminal whose keys send signals."""
    fcntl.ioctl(0, termios.TIOCSCTTY, 0)


class Terminal:
    """A process with a terminal of its own: what it shows, and keys for it."""

    def __init__(self, *arguments: str, folder: Path) -> None:
        self._own, other = pty.openpty()
        self._process = subprocess.Popen(
            [sys.executable, "-m", "training", "review", *arguments],
            stdin=other, stdout=other, stderr=other, start_new_session=True, cwd=folder,
            preexec_fn=_control,  # noqa: PLW1509 (this process has no threads of its own)
            env={**os.environ, "TERM": "xterm", "COLUMNS": "100", "PYTHONPATH": str(SAMPLE.parents[1])},
        )  # fmt: skip
        os.close(other)
        self.seen, self._at = "", 0

    def press(self, keys: str) -> None:
        """Press keys."""
        os.write(self._own, keys.encode())

    def wait_for(self, text: str) -> str:
        """Read until the text is shown; return what was shown up to it, since the text before."""
        before, deadline = self._at, time.monotonic() + _PATIENCE_S
        while text not in self.seen[before:]:
            assert time.monotonic() < deadline, f"{text!r} was not shown: {self.seen[before:]}"
            if select.select([self._own], [], [], 0.2)[0]:
                self._read()
        self._at = self.seen.index(text, before) + len(text)
        return self.seen[before : self._at]

    def _read(self) -> None:
        self.seen += re.sub(r"\x1b\[[0-9;?]*[A-Za-z]", "", os.read(self._own, 4096).decode(errors="replace"))

    def end(self) -> int:
        """Wait for the end of the process; return its exit code."""
        code = self._process.wait(_PATIENCE_S)
        while select.select([self._own], [], [], 0)[0]:
            try:
                self._read()
            except OSError:  # Linux: the other side is closed
                break
        return code

    def echoes(self) -> bool:
        """Return whether the terminal shows what is typed, as it does outside of a review."""
        return bool(termios.tcgetattr(self._own)[3] & termios.ECHO)

    def send(self, number: signal.Signals) -> None:
        """Send the process a signal."""
        self._process.send_signal(number)

    def close(self) -> None:
        """End the process and close the terminal."""
        if self._process.poll() is None:
            self._process.kill()
            self._process.wait()
        os.close(self._own)


Open = Callable[..., Terminal]


@pytest.fixture
def terminal(tmp_path: Path) -> Iterator[Open]:
    """Return a function that starts `review` in a terminal; end all at the end."""
    opened: list[Terminal] = []

    def open_one(*arguments: str) -> Terminal:
        opened.append(Terminal(*arguments, folder=tmp_path))
        return opened[-1]

    yield open_one
    for one in opened:
        one.close()


def labels(path: Path) -> list[str]:
    """Return the labels of a review file."""
    return [row.label for row in read_sheet(path).rows]


def test_keys_label_skip_and_undo(terminal: Open, tmp_path: Path) -> None:
    """Each key does what the legend says, arrows and other keys do nothing, and the file has each answer at once."""
    path = tmp_path / "review.csv"
    new_sheet(path, "the dam broke", "a \x1b[31mbanana", "who dis", "smoke").save()
    shown = terminal("--out", str(path))
    first = shown.wait_for("[q] quit")
    assert "the dam broke" in first
    assert "0 of 4 done" in first
    assert "[y] disaster  [n] not_disaster  [s] skip  [u] undo" in first
    assert "0.9" not in first, "the cascade's opinion would sway the person"
    shown.press("y")
    assert r"a \x1b[31mbanana" in shown.wait_for("1 of 4 done") + shown.wait_for("quit")
    assert labels(path) == ["disaster", "", "", ""]
    shown.press("\x1b[A\x1b[1;5D\x1bOP?xn")
    shown.wait_for("2 of 4 done")
    shown.press(" ")
    shown.wait_for("3 of 4 done")
    shown.press("u")
    shown.wait_for("2 of 4 done")
    shown.press("\x7f")
    shown.wait_for("1 of 4 done")
    assert labels(path) == ["disaster", "", "", ""]
    shown.press("NsY")
    assert shown.end() == 0
    assert labels(path) == ["disaster", "not_disaster", "skip", "disaster"]
    assert "4 of 4 tweets done: 2 disaster, 1 not_disaster, 1 skip" in shown.seen
    assert "accuracy on the stream: 66.7 % (95 % interval 9.4 to 99.2 %, 3 tweets)" in shown.seen
    assert "train on them with: python -m training fit --reviewed" in shown.seen


def test_quitting_keeps_the_answers(terminal: Open, tmp_path: Path) -> None:
    """The next session shows the first tweet without an answer; undo reaches into the one before."""
    path = tmp_path / "review.csv"
    new_sheet(path, "one", "two", "three").save()
    shown = terminal("--out", str(path))
    shown.wait_for("[q] quit")
    shown.press("yq")
    assert shown.end() == 0
    assert "1 of 3 tweets done" in shown.seen
    assert f"continue with: python -m training review --out {path}" in shown.seen
    again = terminal("--out", str(path))
    assert "two" in again.wait_for("[q] quit")
    again.press("u")
    again.wait_for("0 of 3 done")
    again.press("\x04")
    assert (again.end(), labels(path)) == (0, ["", "", ""])


@pytest.mark.parametrize("number", [None, signal.SIGTERM, signal.SIGHUP])
def test_an_interrupted_review_keeps_answers_and_the_terminal(
    number: signal.Signals | None, terminal: Open, tmp_path: Path
) -> None:
    """Ctrl-C, a closed window and a shutdown lose nothing, and leave a terminal that shows what is typed."""
    path = tmp_path / "review.csv"
    new_sheet(path, "one", "two").save()
    shown = terminal("--out", str(path))
    shown.wait_for("[q] quit")
    assert not shown.echoes()
    shown.press("y")
    shown.wait_for("1 of 2 done")
    if number is None:
        shown.press("\x03")
    else:
        shown.send(number)
    assert shown.end() == 130
    assert shown.echoes()
    assert labels(path) == ["disaster", ""]
    assert "Traceback" not in shown.seen


def test_tweets_are_picked_labelled_and_shown(terminal: Open, small_artifact: Path, tmp_path: Path) -> None:
    """From a file of tweets to a review in one command."""
    flags = ("--artifact", str(small_artifact), "--number", "3", "--out", "mine.csv")
    shown = terminal(str(SAMPLE / "train.csv"), *flags)
    shown.wait_for("0 of 3 done")
    shown.press("yyy")
    assert (shown.end(), len(labels(tmp_path / "mine.csv"))) == (0, 3)


def test_a_csv_is_written_filled_in_and_read(
    small_artifact: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Rows say why and with what probability they were picked; filled in elsewhere, the estimate follows."""
    path = tmp_path / "review.csv"
    flags = (str(SAMPLE / "train.csv"), "--artifact", str(small_artifact), "--number", "100", "--out", str(path))
    code, out, err = run(capsys, "review", *flags, "--csv")
    assert (code, "0 of 100 tweets done" in out, f"wrote {path}: 100 tweets to label" in err) == (0, True, True)
    with path.open(newline="") as file:
        rows = list(csv.DictReader(file))
    reasons = Counter(row["picked_for"] for row in rows)
    assert (reasons["random"], reasons["boundary"], reasons["unknown"]) == (25, 5, 5)
    assert {row["pick_probability"] for row in rows if row["picked_for"] != "random"} == {"1"}
    for row in rows:
        row["label"] = "1" if row["predicted"] == "disaster" else "0"
    with path.open("w", newline="") as file:
        writer = csv.DictWriter(file, rows[0], delimiter=";")
        writer.writeheader()
        writer.writerows(rows)
    code, out, _ = run(capsys, "review", "--out", str(path))
    assert (code, "100 of 100 tweets done" in out) == (0, True)
    assert "accuracy on the stream: 100.0 % (95 % interval 86.3 to 100.0 %, 25 tweets)" in out


def test_a_random_share_that_is_not_finished_is_mentioned(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """Who labels only the easy ones of a random share gets a figure that is too good, and reads why."""
    path = tmp_path / "review.csv"
    new_sheet(path, "one", "two", labels=["disaster", "skip"]).save()
    code, out, _ = run(capsys, "review", "--out", str(path))
    assert (code, "1 of 2 tweets of the random share have no label" in out) == (0, True)


@pytest.mark.parametrize(
    ("flags", "message"),
    [
        (["missing.csv", "--csv", "--out", "r.csv"], "error: cannot read missing.csv: No such file or directory"),
        (["{sample}", "--out", "r.csv"], "error: standard input is not a terminal; --csv writes the tweets to a file"),
        (["{sample}", "--csv", "--out", "r.csv"], "error: no artifact at models/default"),
        (["{sample}", "--csv", "--out", "{sheet}"], "sheet.csv exists; continue it without --csv, or name another"),
        (["--out", "{sample}"], "not a file that `review` wrote, it has no column label"),
        (["{sample}", "--csv", "--artifact", "{artifact}", "--out", "{sheet}/r.csv"], "error: cannot write"),
        (
            ["--csv", "--out", "r.csv", "--bootstrap-servers", "127.0.0.1:1", "--connect-timeout", "1s"],
            "error: no Kafka broker",
        ),
    ],
)
def test_a_users_mistake_is_one_line(
    flags: list[str],
    message: str,
    small_artifact: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    """The message says what is wrong and what to do; the exit code is 2."""
    monkeypatch.chdir(tmp_path)
    new_sheet(tmp_path / "sheet.csv", "one").save()
    names = {"sample": SAMPLE / "train.csv", "sheet": tmp_path / "sheet.csv", "artifact": small_artifact}
    code, _, err = run(capsys, "review", *(flag.format_map(names) for flag in flags))
    assert (code, message in err, "Traceback" in err) == (2, True, False), err


@pytest.mark.parametrize(
    ("flag", "value", "message"),
    [
        ("--shares", "random=0.5", "add up to 0.5, not to 1"),
        ("--shares", "luck=1", "'luck' is not one of random, overruled, boundary, unknown, spread"),
        ("--shares", "random=half,spread=0.5", "'half' is not a share from 0 to 1"),
        ("--shares", "random=0.5,random=0.5", "'random' is not one of"),
        ("--number", "0", "'0' is not a whole number above 0"),
    ],
)
def test_a_wrong_flag_is_refused(flag: str, value: str, message: str, capsys: pytest.CaptureFixture[str]) -> None:
    """Before anything is read, with what is allowed."""
    with pytest.raises(SystemExit) as ended:
        run(capsys, "review", flag, value)
    assert ended.value.code == 2
    assert message in " ".join(capsys.readouterr().err.split())


def test_a_review_is_not_begun_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """A second call with the same file continues; picked tweets and their labels stay."""
    path = tmp_path / "review.csv"
    new_sheet(path, "one", "two", labels=["disaster"]).save()
    kept = shutil.copy(path, tmp_path / "kept.csv")
    code, _, err = run(capsys, "review", str(SAMPLE / "train.csv"), "--out", str(path))
    assert (code, f"continuing {path}; to pick other tweets, name another file with --out" in err) == (0, True)
    assert path.read_bytes() == Path(kept).read_bytes()
