"""Settings of the worker and its commands: names, types, bounds and defaults."""

import re
from datetime import timedelta
from pathlib import Path
from typing import Annotated, Literal, Self

from pydantic import AfterValidator, BeforeValidator, Field, field_validator, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas import topics
from worker.broker_addresses import parse_addresses
from worker.errors import SettingError
from worker.formats.input_settings import InputSettings
from worker.security_settings import SecuritySettings
from worker.settings_conflicts import refuse, same_topics, too_short

PREFIX = "CASCADE_"
_UNITS = {"ms": "milliseconds", "s": "seconds", "m": "minutes"}
_CONFIG = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore", validate_default=True)


def parse_duration(value: str | timedelta) -> timedelta:
    """Return the duration that a text such as 250ms, 1.5s or 2m gives; only 0 needs no unit.

    Raises:
        ValueError: the text is not a duration, or the duration is too long.

    """
    if isinstance(value, timedelta):
        return value
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?(ms|s|m)|0", value.strip())
    if not found:
        raise ValueError(f"{value!r} is not a duration: write a number and ms, s or m, such as 250ms, 2s, 1m")
    try:
        return timedelta(**{_UNITS[found[2]]: float(found[1])}) if found[2] else timedelta()
    except OverflowError as error:
        raise ValueError(f"{value!r} is too long") from error


def milliseconds(duration: timedelta) -> int:
    """Return the duration as Kafka's clients take it."""
    return duration // timedelta(milliseconds=1)


def _at_least(bound: str) -> AfterValidator:
    least = parse_duration(bound)

    def check(duration: timedelta) -> timedelta:
        if duration < least:
            raise ValueError(f"must be {bound} or more")
        return duration

    return AfterValidator(check)


def _check_name(name: str) -> str:
    if not re.fullmatch(r"[A-Za-z0-9._-]{1,249}", name) or name in {".", ".."}:
        raise ValueError(
            f"{name!r} is not a name for Kafka: up to 249 letters, digits, '.', '_' and '-', not '.' or '..'"
        )
    return name


KafkaName = Annotated[str, AfterValidator(_check_name)]
"""A name of a topic or of a member of a group, by Kafka's rule."""
Duration = Annotated[timedelta, BeforeValidator(parse_duration)]
SecondOrMore = Annotated[Duration, _at_least("1s")]


class HttpSettings(BaseSettings):
    """Where the worker serves metrics and health."""

    model_config = _CONFIG

    metrics_host: str = Field(
        "127.0.0.1", description="address of /metrics, /livez and /readyz; 0.0.0.0 for all interfaces"
    )
    metrics_port: int = Field(
        8000, ge=0, le=65_535, description="port of /metrics, /livez and /readyz; 0 for any free port"
    )


class TopicSettings(BaseSettings):
    """Where the broker is, and the topics."""

    model_config = _CONFIG

    bootstrap_servers: str = Field("localhost:9092", min_length=1, description="brokers, host:port, comma-separated")
    input_topic: str = Field(
        topics.TWEETS, min_length=1, description="topic of the tweets; run and topics take several, comma-separated"
    )
    output_topic: KafkaName = Field(topics.LABELLED, description="topic of the labels")
    dead_letter_topic: KafkaName = Field(
        topics.DEAD_LETTER, description="topic of the dead letters: records that cannot be labelled"
    )
    client_id: str | None = Field(
        None,
        min_length=1,
        description="name of the client in the broker's quotas, metrics and logs; by default the group, or "
        "tweet-cascade-tools for other commands than run, and the host",
    )
    connect_timeout: Annotated[Duration, _at_least("100ms")] = Field(
        "30s",
        validate_default=True,
        description="how long to try to reach a broker at the start",
    )
    max_request_size: int = Field(
        16 * 1024 * 1024,
        ge=1024,
        le=100 * 1024 * 1024,
        description="size limit, in bytes, of a published record with its key and headers, and of a request",
    )

    @property
    def input_topics(self) -> tuple[str, ...]:
        """The input topics."""
        return tuple(self.input_topic.split(","))

    def one_input_topic(self) -> str:
        """Return the input topic; raise `SettingError` if there are several."""
        if len(self.input_topics) > 1:
            raise SettingError(
                f"--input-topic (CASCADE_INPUT_TOPIC): this command publishes to one topic, not to {self.input_topic}; "
                f"name one, such as --input-topic {self.input_topics[0]}"
            )
        return self.input_topic

    @field_validator("bootstrap_servers")
    @classmethod
    def _check_addresses(cls, value: str) -> str:
        return ",".join(map(str, parse_addresses(value)))

    @field_validator("input_topic")
    @classmethod
    def _tidy_topics(cls, value: str) -> str:
        names = [name.strip() for name in value.split(",")]
        if not all(names):
            raise ValueError(f"{value!r} has an empty name: write tweets,toots")
        for name in names:
            _check_name(name)
        if twice := sorted({name for name in names if names.count(name) > 1}):
            raise ValueError(f"{', '.join(twice)} is named twice")
        return ",".join(names)

    @model_validator(mode="after")
    def _check_topics(self) -> Self:
        used = [
            *(("--input-topic", topic) for topic in self.input_topics),
            ("--output-topic", self.output_topic),
            ("--dead-letter-topic", self.dead_letter_topic),
            ("the topic of replays, which --dead-letter-topic names,", topics.replayed(self.dead_letter_topic)),
        ]
        refuse(same_topics(used))
        return self


class KafkaSettings(SecuritySettings, TopicSettings):
    """How to reach the broker, and the topics."""


class WorkerSettings(InputSettings, HttpSettings, KafkaSettings):
    """All settings of `run`."""

    group_id: str = Field("tweet-cascade", min_length=1, description="consumer group; its workers share the partitions")
    group_instance_id: KafkaName | None = Field(
        None,
        description="lasting name of this worker in its group, such as that of a StatefulSet's pod: a restart within "
        "--session-timeout moves no partition; a worker that stops for good holds its partitions for as long",
    )
    artifact: Path = Field(Path("models/default"), description="folder of the trained cascade")
    artifact_watch: Duration = Field(
        "0", validate_default=True, description="how often to look for a new artifact; 0 for only on SIGHUP"
    )
    engine: Literal["auto", "onnx", "tensorflow"] = Field(
        "auto",
        description="what computes the sentence encoder: onnx; tensorflow, if it is installed; auto, which is onnx for "
        "every encoder but SavedModels",
    )
    device: Literal["auto", "cpu", "gpu"] = Field(
        "auto",
        description="where ONNX Runtime computes the sentence encoder: on the cpu; on an NVIDIA gpu, or not at all; "
        "auto, which measures both where there is a GPU. TensorFlow uses what it sees",
    )
    batch_size: int = Field(2048, ge=1, le=100_000, description="largest number of records in a batch")
    auto_offset_reset: Literal["earliest", "latest"] = Field(
        "earliest",
        description="where a new group starts, in all partitions of a topic: earliest or latest; a partition that is "
        "added later is read from its beginning",
    )
    session_timeout: SecondOrMore = Field(
        "45s",
        validate_default=True,
        description="the group removes a worker that sends no heartbeat for this long",
    )
    max_poll_interval: SecondOrMore = Field(
        "5m",
        validate_default=True,
        description="a worker that does not poll for this long leaves its group; longer than a batch takes",
    )
    delivery: Literal["at_least_once", "exactly_once"] = Field(
        "at_least_once",
        description="at_least_once, or exactly_once for consumers that read committed records only",
    )
    delivery_timeout: SecondOrMore = Field(
        "2m",
        validate_default=True,
        description="the worker stops if the broker does not acknowledge a batch for this long",
    )
    transaction_timeout: SecondOrMore = Field(
        "15s",
        validate_default=True,
        description="the broker aborts a transaction that stays open for this long, such as a dead worker's",
    )
    latency_objective: Annotated[Duration, _at_least("10ms")] = Field(
        "1s",
        validate_default=True,
        description="target latency of a tweet; it limits the size of batches",
    )
    on_overload: Literal["shed", "lag"] = Field(
        "lag",
        description="when the objective cannot be kept: lag lets tweets wait; shed defers fewer and marks their labels",
    )
    liveness_deadline: SecondOrMore = Field(
        "5m",
        validate_default=True,
        description="/livez fails after this long without progress; longer than a batch and --delivery-timeout",
    )
    max_bad_share: float = Field(
        0.5,
        ge=0,
        le=1,
        description="the worker stops when a larger share of the last 10,000 records is bad; 1 for never",
    )
    max_bad_run: int = Field(
        5_000, ge=0, description="the worker stops when more records in a row are bad; 0 for never"
    )
    audit_share: float = Field(
        0.01,
        ge=0,
        le=1,
        description="share of the tweets that all stages classify, to audit them; a quarter of it while records wait",
    )
    on_drift: Literal["adapt", "report"] = Field(
        "adapt",
        description="when the last stage overrules more than the artifact promises: adapt defers more; report does not",
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="debug, info, warning or error")
    log_format: Literal["text", "json"] = Field(
        "text", description="text, or json: one object per line, for log collectors"
    )

    @model_validator(mode="after")
    def _check_durations(self) -> Self:
        waits = {"--delivery-timeout": self.delivery_timeout, "--connect-timeout": self.connect_timeout}
        refuse([
            *too_short(
                "--liveness-deadline", self.liveness_deadline, waits, "/livez would fail while the worker rightly waits"
            ),
            *too_short(
                "--max-poll-interval", self.max_poll_interval, {"--session-timeout": self.session_timeout},
                "a slow batch would cost its partitions sooner than a dead worker",
            ),
        ])  # fmt: skip
        return self
