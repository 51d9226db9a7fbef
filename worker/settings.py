"""Settings of the commands: from flags, else from the environment, else the defaults here."""

from argparse import SUPPRESS, ArgumentParser, Namespace
from pathlib import Path
from typing import Any, Literal, Self, TypeVar, get_args

from pydantic import Field, FilePath, SecretStr, ValidationError, model_validator
from pydantic_settings import BaseSettings, SettingsConfigDict

from schemas import topics
from worker.errors import SettingError
from worker.operating import PREFIX, OperatingSettings

SECRETS_DIR = Path("/run/secrets")
_SASL = ("CASCADE_SASL_MECHANISM", "CASCADE_SASL_PLAIN_USERNAME", "CASCADE_SASL_PLAIN_PASSWORD")


class KafkaSettings(BaseSettings):
    """How to reach the broker, and the topics."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    bootstrap_servers: str = Field("localhost:9092", min_length=1, description="brokers, host:port, comma-separated")
    input_topic: str = Field(topics.TWEETS, min_length=1, description="topic of the tweets")
    output_topic: str = Field(topics.LABELLED, min_length=1, description="topic of the labels")
    dead_letter_topic: str = Field(
        topics.DEAD_LETTER, min_length=1, description="topic of records that cannot be labelled"
    )
    connect_timeout_ms: int = Field(30_000, ge=100, description="how long to try to reach a broker at the start")
    max_request_size: int = Field(
        16 * 1024 * 1024,
        ge=1024,
        le=100 * 1024 * 1024,
        description="bytes of the largest record that is sent, its key and headers included; of a request as well",
    )
    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512"] | None = Field(
        None, description="PLAIN, SCRAM-SHA-256 or SCRAM-SHA-512"
    )
    sasl_plain_username: str | None = Field(None, description="user name for SASL")
    sasl_plain_password: SecretStr | None = Field(None, description="password for SASL")
    ssl_cafile: FilePath | None = Field(None, description="certificate authorities to trust, PEM")
    ssl_certfile: FilePath | None = Field(None, description="client certificate, PEM")
    ssl_keyfile: FilePath | None = Field(None, description="client private key, PEM")
    ssl_password: SecretStr | None = Field(None, description="password of the private key")
    ssl_check_hostname: bool = Field(True, description="whether the broker's name must match its certificate")

    @model_validator(mode="after")
    def _sasl_is_whole(self) -> Self:
        given = [self.sasl_mechanism, self.sasl_plain_username, self.sasl_plain_password]
        uses_sasl = self.security_protocol.startswith("SASL_")
        if uses_sasl and not all(given):
            raise ValueError("SASL needs a mechanism, a user name and a password: " + ", ".join(_SASL))
        if any(given) and not uses_sasl:
            raise ValueError("SASL is set up but --security-protocol is neither SASL_PLAINTEXT nor SASL_SSL")
        return self


class WorkerSettings(OperatingSettings, KafkaSettings):
    """All that `run` needs."""

    group_id: str = Field(
        "tweet-cascade", min_length=1, description="consumer group; workers of one group share the load"
    )
    artifact: Path = Field(Path("models/default"), description="folder of the trained cascade")
    batch_size: int = Field(2048, ge=1, le=100_000, description="most records in a batch")
    poll_timeout_ms: int = Field(500, ge=1, le=60_000, description="how long a poll waits for the first record")
    auto_offset_reset: Literal["earliest", "latest"] = Field(
        "earliest", description="where a group without an offset begins: earliest or latest"
    )
    session_timeout_ms: int = Field(45_000, ge=1_000, description="after this silence the group drops a worker")
    max_poll_interval_ms: int = Field(
        300_000, ge=1_000, description="after this without a poll a worker leaves its group; longer than a batch takes"
    )
    delivery_timeout_ms: int = Field(
        120_000,
        ge=1_000,
        description="how long the broker may take to acknowledge a batch before the worker stops",
    )
    delivery: Literal["at_least_once", "exactly_once"] = Field(
        "at_least_once",
        description="at_least_once, or exactly_once for consumers that read committed records only",
    )
    transactional_id: str | None = Field(
        None, description="beginning of the transactional id under exactly_once; the group's name where there is none"
    )
    transaction_timeout_ms: int = Field(
        15_000, ge=1_000, description="after this the broker aborts the transaction of a worker that died"
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="debug, info, warning or error")
    log_format: Literal["text", "json"] = Field(
        "text", description="text for people, or json, an object a line, for what collects the logs of containers"
    )


S = TypeVar("S", bound=BaseSettings)


def add_flags(parser: ArgumentParser, model: type[BaseSettings]) -> None:
    """Add a flag for every setting but the secrets, which other users of a machine could see in its process list."""
    secrets = [variable(name) for name in model.model_fields if is_secret(model, name)]
    text = "A flag wins over its environment variable, in brackets."
    if secrets:
        text += f""" Secrets have no flag:
{", ".join(secrets)} are variables, or files of these names,
in lower case, in {SECRETS_DIR}."""
    group = parser.add_argument_group("settings", text)
    for name, info in model.model_fields.items():
        if not is_secret(model, name):
            text = f"{info.description} [{variable(name)}; default: {default_text(info.default)}]"
            group.add_argument(flag(name), default=SUPPRESS, metavar=_metavar(info.default), help=text)


def read_settings(model: type[S], arguments: Namespace) -> S:
    """Build the settings from the flags that were given, the environment and the defaults.

    Raises:
        SettingError: a value is not allowed; the message names the setting, its value's origin and what is allowed.

    """
    given = {name: value for name, value in vars(arguments).items() if name in model.model_fields}
    try:
        return model(**given, _secrets_dir=SECRETS_DIR if SECRETS_DIR.is_dir() else None)
    except ValidationError as error:
        raise SettingError("; ".join(_problem(details, given) for details in error.errors())) from None


def _problem(details: Any, given: dict[str, Any]) -> str:  # noqa: ANN401 (pydantic's ErrorDetails)
    if not details["loc"]:
        return str(details["ctx"]["error"])
    name = str(details["loc"][0])
    origin = flag(name) if name in given else variable(name)
    return f"{origin}: {details['msg']}"


def flag(name: str) -> str:
    """Return a setting's flag."""
    return "--" + name.replace("_", "-")


def variable(name: str) -> str:
    """Return a setting's environment variable."""
    return PREFIX + name.upper()


def is_secret(model: type[BaseSettings], name: str) -> bool:
    """Tell whether a setting's value must not be seen."""
    return SecretStr in get_args(model.model_fields[name].annotation)


def secrets_of(settings: BaseSettings) -> list[str]:
    """Return the values that must not be seen."""
    values = [getattr(settings, name) for name in type(settings).model_fields]
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]


def default_text(default: object) -> str:
    """Return a default as people write it."""
    return "none" if default is None else str(default)


def _metavar(default: object) -> str:
    return {bool: "BOOL", int: "N"}.get(type(default), "VALUE")
