"""Types, bounds and defaults of the settings."""

from datetime import timedelta

import pytest
from pydantic import ValidationError

from worker.settings import WorkerSettings, milliseconds


@pytest.mark.parametrize(
    ("text", "expected"), [("250ms", 0.25), ("2s", 2), ("1m", 60), ("1.5 s", 1.5), (" 10ms ", 0.01)]
)
def test_a_duration_has_a_unit(text: str, expected: float) -> None:
    """Users write the unit, so nobody has to know which one is meant."""
    assert WorkerSettings(latency_objective=text).latency_objective.total_seconds() == pytest.approx(expected)


@pytest.mark.parametrize("text", ["", "5", "fast", "-1s", "1h", "1s 2s", "1e3s"])
def test_a_text_that_is_not_a_duration_is_rejected(text: str) -> None:
    """A number without a unit could be seconds or milliseconds: it is an error, not a guess."""
    with pytest.raises(ValidationError, match="is not a duration: write a number and ms, s or m"):
        WorkerSettings(session_timeout=text)


def test_an_endless_duration_is_rejected() -> None:
    """A duration beyond what Python can hold is a wrong value, not a crash."""
    with pytest.raises(ValidationError, match="is too long"):
        WorkerSettings(session_timeout="9" * 30 + "m")


def test_zero_needs_no_unit() -> None:
    """`--artifact-watch 0` switches the watch off."""
    assert WorkerSettings(artifact_watch="0").artifact_watch == timedelta()


def test_defaults_are_parsed() -> None:
    """Defaults are written as users write them, and reach the code as durations."""
    assert WorkerSettings().session_timeout == timedelta(seconds=45)


def test_kafka_gets_milliseconds() -> None:
    """Kafka's clients take whole milliseconds."""
    assert milliseconds(timedelta(seconds=1.5)) == 1500


@pytest.mark.parametrize("name", ["", ".", "..", "a b", "a/b", "ä", "a" * 250])
@pytest.mark.parametrize("setting", ["input_topic", "output_topic", "dead_letter_topic", "group_instance_id"])
def test_a_name_that_kafka_does_not_allow_is_rejected(setting: str, name: str) -> None:
    """The broker would refuse it with a code, after the worker has tried for half a minute."""
    with pytest.raises(ValidationError, match="is not a name for Kafka|has an empty name|at least 1 character"):
        WorkerSettings.model_validate({setting: name})
    assert WorkerSettings.model_validate({setting: "a.B_9-c"})
