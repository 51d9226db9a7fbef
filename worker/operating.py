"""Settings of how a worker is watched: they concern the process and no broker."""

import re
from typing import Annotated, Literal

from pydantic import AfterValidator, Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "CASCADE_"
_UNITS = {"ms": 0.001, "s": 1.0, "m": 60.0}


def seconds(duration: str) -> float:
    """Return the seconds of a duration as people write it: 250ms, 1.5s, 2m.

    Raises:
        ValueError: it is none, or less than a hundredth of a second.

    """
    found = re.fullmatch(r"(\d+(?:\.\d+)?) ?(ms|s|m)", duration.strip())
    value = float(found[1]) * _UNITS[found[2]] if found else 0.0
    if value < 0.01:
        raise ValueError(f"{duration!r} is no duration of 10ms or more; a number and ms, s or m: 250ms, 2s, 1m")
    return value


def _checked(duration: str) -> str:
    seconds(duration)
    return duration


Duration = Annotated[str, AfterValidator(_checked)]


class HttpSettings(BaseSettings):
    """Where the worker's HTTP server is."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    metrics_host: str = Field(
        "127.0.0.1", description="address of /metrics, /livez and /readyz; 0.0.0.0 for all of the machine's"
    )
    metrics_port: int = Field(8000, ge=0, le=65_535, description="port of these; 0 for any free one")


class OperatingSettings(HttpSettings):
    """How a worker meets load; when it is taken for dead, stops by itself, and takes a new artefact."""

    latency_objective: Duration = Field(
        "1s", description="how long a tweet may take, 250ms, say: batches are no larger than that allows"
    )
    on_overload: Literal["shed", "lag"] = Field(
        "lag",
        description="when it cannot be kept: lag lets tweets wait; shed defers fewer of them, and labels say so",
    )

    liveness_deadline_ms: int = Field(
        300_000,
        ge=1_000,
        description="after this without progress /livez says no; longer than a batch and --delivery-timeout-ms",
    )
    max_bad_share: float = Field(
        0.5, ge=0, le=1, description="the worker stops when a larger share of the window's records is bad; 1 for never"
    )
    bad_window: int = Field(10_000, ge=1, le=1_000_000, description="records in that window; it has to be full first")
    max_bad_run: int = Field(
        5_000, ge=0, description="the worker stops when more records in a row are bad; 0 for never"
    )
    audit_share: float = Field(
        0.01,
        ge=0,
        le=1,
        description="share of the tweets decided before the last stage that it is asked about too, when nothing waits",
    )
    artifact_watch_ms: int = Field(
        0, ge=0, description="how often to look for a new artefact in the folder; 0 for only when SIGHUP asks"
    )
