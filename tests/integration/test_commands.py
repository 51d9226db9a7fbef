"""The commands of `python -m worker`, on a real broker."""

import json
from pathlib import Path

import pytest

from tests.integration.topics import produce
from tests.worker.commands.test_commands import run
from worker.__main__ import build_parser
from worker.cli import app
from worker.settings import KafkaSettings

pytestmark = pytest.mark.broker


def flags(settings: KafkaSettings) -> list[str]:
    """Return the flags that lead to the test's broker and topics."""
    return [
        *("--bootstrap-servers", settings.bootstrap_servers, "--input-topic", settings.input_topic),
        *("--output-topic", settings.output_topic, "--dead-letter-topic", settings.dead_letter_topic),
    ]


def test_topics_are_created_once(settings: KafkaSettings, capsys: pytest.CaptureFixture[str]) -> None:
    """Topics are created once; the command can be repeated at each deployment."""
    for word in ("created", "already exists"):
        assert app.main(build_parser(), ["topics", *flags(settings)]) == 0
        lines = capsys.readouterr().out.splitlines()
        assert lines == [
            f"{name}: {word}" for name in (settings.input_topic, settings.output_topic, settings.dead_letter_topic)
        ]


def test_produce_and_tail(topics: KafkaSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    """`produce` publishes the records of a file, and `tail` shows those of its topic."""
    labels = [
        {"id": n, "label": "disaster", "target": 1, "probability": 0.9, "stage": "use", "model_version": "v1",
         "received_at": None, "labelled_at": "2026-01-02T03:04:05Z"}
        for n in range(3)
    ]  # fmt: skip
    path = tmp_path / "labels.jsonl"
    path.write_text("\n".join(json.dumps(label | {"text": "fire"}) for label in labels))
    as_input = topics.model_copy(update={"input_topic": topics.output_topic, "output_topic": topics.input_topic})
    assert run(capsys, "produce", str(path), "--rate", "1000", *flags(as_input))[0] == 0
    assert app.main(build_parser(), ["tail", "--from-beginning", "--max", "3", "--json", *flags(topics)]) == 0
    shown = [json.loads(line) for line in capsys.readouterr().out.splitlines()]
    assert sorted(shown, key=lambda label: label["id"]) == [label | {"text": "fire"} for label in labels]


def test_what_is_not_a_tweet_is_reported(
    topics: KafkaSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """A file with a few other lines is published, and they are counted; one that has a bad row is not published."""
    (tmp_path / "some.jsonl").write_text(
        '\ufeff{"id": 1, "text": "a"}\nbad\n{"id": 2, "text": "b"}\n', encoding="utf-16"
    )
    assert app.main(build_parser(), ["produce", str(tmp_path / "some.jsonl"), *flags(topics)]) == 0
    captured = capsys.readouterr()
    assert "2 tweets and 1 entries that are not tweets published" in captured.out
    assert "1 of 3 entries are not tweets, the worker makes them dead letters: line 2" in captured.err
    (tmp_path / "shifted.csv").write_text("id,text\n11,fire\n12,Storm, roofs gone\n")
    code, err = run(capsys, "produce", str(tmp_path / "shifted.csv"), *flags(topics))
    assert (code, "line 3: the row has 3 fields, the header 2" in err) == (2, True)


def test_tail_shows_labels_and_what_is_none(topics: KafkaSettings, capsys: pytest.CaptureFixture[str]) -> None:
    """`tail` prints a line per label, also of a later version with more fields, and survives garbage on the topic."""
    label = {"id": "x1", "label": "disaster", "target": 1, "probability": 0.9, "stage": "use", "model_version": "v1"}
    times = {"received_at": None, "labelled_at": "2026-01-02T03:04:05Z"}
    values = [json.dumps(label | times | {"shed": True}).encode(), b"[red]garbage"]
    produce(topics.model_copy(update={"input_topic": topics.output_topic}), [(b"k", value) for value in values])
    assert app.main(build_parser(), ["tail", "--from-beginning", "--max", "2", *flags(topics)]) == 0
    out = capsys.readouterr().out
    assert "disaster" in out
    assert "x1" in out
    assert "not a label: b'[red]garbage'" in out


def test_a_file_is_sent_again_and_again(
    topics: KafkaSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """`--repeat` publishes a file several times; an empty file ends at once."""
    for name, lines in (("two.csv", "1,x\n2,y\n"), ("none.csv", "")):
        (tmp_path / name).write_text("id,text\n" + lines)
    assert app.main(build_parser(), ["produce", str(tmp_path / "two.csv"), "--repeat", "3", *flags(topics)]) == 0
    assert "6 tweets published" in capsys.readouterr().out
    assert app.main(build_parser(), ["produce", str(tmp_path / "none.csv"), "--repeat", "0", *flags(topics)]) == 0
    assert "0 tweets published" in capsys.readouterr().out


def test_produce_to_a_missing_topic_is_told(
    settings: KafkaSettings, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    """Publishing to a topic that does not exist ends with the name of the topic."""
    (tmp_path / "tweets.csv").write_text("id,text\n1,x\n")
    code, err = run(capsys, "produce", str(tmp_path / "tweets.csv"), *flags(settings))
    assert code == 2
    assert settings.input_topic in err
