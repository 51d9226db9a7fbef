"""Training's command line."""

from pathlib import Path

import pytest

from tests.training.commands.running import run


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ("predict --artifact nowhere text", "no artifact at nowhere"),
        ("predict --csv a.csv", "--file and --out go together"),
        ("predict --csv a.csv --out b.csv text", "use only one of: texts, --file, --random"),
        ("fit --data nowhere --out x", "nowhere/train.csv does not exist"),
        ("fit --data nowhere.csv --out x", "cannot read nowhere.csv: No such file"),
        ("use --out .", ". exists"),
    ],
)
def test_a_user_error_is_one_line(
    arguments: str, message: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """A user's error is one line that names the cause, and the exit code is 2."""
    monkeypatch.chdir(tmp_path)
    code, _, err = run(capsys, *arguments.split())
    assert (code, err.startswith("error: ")) == (2, True)
    assert message in err
