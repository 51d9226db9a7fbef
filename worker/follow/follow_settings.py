"""Settings of `follow`."""

from typing import Literal

from pydantic import Field, SecretStr

from worker.settings import HttpSettings, KafkaSettings


class FollowSettings(HttpSettings, KafkaSettings):
    """All settings of `follow`."""

    metrics_port: int = Field(8001, ge=0, le=65_535, description="port of /metrics and /livez; 0 for any free port")
    server: str | None = Field(
        None,
        description="server to follow, a host or an address; of Bluesky several, comma-separated, which are tried in "
        "turn; Mastodon needs one",
    )
    keyword: str | None = Field(
        None, description="publish only posts that contain one of these words or phrases, comma-separated, in any case"
    )
    lang: str | None = Field(
        None, description="publish only posts marked with one of these languages, such as en,de; en includes en-US"
    )
    access_token: SecretStr | None = Field(None, description="access token of the Mastodon server")
    log_level: Literal["debug", "info", "warning", "error"] = Field("info", description="debug, info, warning or error")
    log_format: Literal["text", "json"] = Field(
        "text", description="text, or json: one object per line, for log collectors"
    )
