"""Settings of how a worker is watched: they concern the process and no broker."""

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

PREFIX = "CASCADE_"


class HttpSettings(BaseSettings):
    """Where the worker's HTTP server is."""

    model_config = SettingsConfigDict(env_prefix=PREFIX, frozen=True, extra="ignore")

    metrics_host: str = Field(
        "127.0.0.1", description="address of /metrics, /livez and /readyz; 0.0.0.0 for all of the machine's"
    )
    metrics_port: int = Field(8000, ge=0, le=65_535, description="port of these; 0 for any free one")


class OperatingSettings(HttpSettings):
    """When a worker is taken for dead, when it stops by itself, and when it takes a new artefact."""

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
