"""Settings of the input records: their format, and the Schema Registry."""

from typing import Annotated, Literal, Self

from pydantic import Field, FilePath, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from worker.urls import require_web_url

_REGISTRY_LOGIN = ("CASCADE_SCHEMA_REGISTRY_USERNAME", "CASCADE_SCHEMA_REGISTRY_PASSWORD")


class InputSettings(BaseSettings):
    """How the records of the input topic are read, and which of their fields the labels carry."""

    model_config = SettingsConfigDict(env_prefix="CASCADE_", frozen=True, extra="ignore", validate_default=True)

    input_format: Literal[
        "auto", "plain", "x-v2", "x-v1", "connect", "jetstream", "mastodon", "cloudevents", "debezium", "text"
    ] = Field(
        "auto",
        description="format of the records: auto, which recognizes all but text; plain, x-v2, x-v1, connect, "
        "jetstream, mastodon, cloudevents, debezium or text",
    )
    text_field: str | None = Field(
        None,
        min_length=1,
        description="where the text is in other records: a path such as payload.body, or any JMESPath expression",
    )
    id_field: str | None = Field(
        None, min_length=1, description="where the id is; without it, topic, partition and offset are the id"
    )
    copy_field: Annotated[tuple[str, ...], NoDecode] = Field(
        (), description="fields of the record that its label carries in `input`, comma-separated: lang,user.name"
    )
    schema_registry_url: str | None = Field(
        None,
        description="Schema Registry of Avro, JSON Schema and Protobuf records: https://host:port",
    )
    schema_registry_username: str | None = Field(None, min_length=1, description="user name for the Schema Registry")
    schema_registry_password: SecretStr | None = Field(None, description="password for the Schema Registry")
    schema_registry_cafile: FilePath | None = Field(
        None, description="certificate authorities to trust for the Schema Registry, PEM"
    )
    schema_registry_certfile: FilePath | None = Field(
        None, description="client certificate for the Schema Registry, PEM"
    )
    schema_registry_keyfile: FilePath | None = Field(
        None, description="client private key for the Schema Registry, PEM"
    )

    @field_validator("copy_field", mode="before")
    @classmethod
    def _split(cls, value: object) -> object:
        return tuple(part.strip() for part in value.split(",") if part.strip()) if isinstance(value, str) else value

    @field_validator("schema_registry_url")
    @classmethod
    def _check_url(cls, value: str | None) -> str | None:
        for url in (value or "").split(",") if value is not None else []:
            require_web_url(url, "https://registry:8081", _REGISTRY_LOGIN)
        return value

    @model_validator(mode="after")
    def _check_fields(self) -> Self:
        if self.id_field and not self.text_field:
            raise ValueError("--id-field needs --text-field: both say where the parts of a record are")
        if self.text_field and self.input_format != "auto":
            raise ValueError("--text-field replaces --input-format: give one of them")
        if bool(self.schema_registry_username) != bool(self.schema_registry_password):
            raise ValueError(
                "a Schema Registry with a login needs both CASCADE_SCHEMA_REGISTRY_USERNAME and "
                "CASCADE_SCHEMA_REGISTRY_PASSWORD"
            )
        if self.schema_registry_keyfile and not self.schema_registry_certfile:
            raise ValueError("--schema-registry-keyfile needs --schema-registry-certfile")
        return self
