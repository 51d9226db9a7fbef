"""Schema Registry: decodes values in Confluent's wire format with the schema that they name."""

import contextlib
import struct
import warnings
from collections.abc import Callable
from functools import lru_cache
from typing import Any

from schemas import Reason
from worker.errors import RegistryError, SettingError
from worker.formats.input_settings import InputSettings
from worker.formats.json_text import parse_bytes
from worker.formats.types import BadValueError, Json

_NO_SCHEMA = {404, 40403}
_RETRIES = {"max.retries": 8, "retries.wait.ms": 200, "retries.max.wait.ms": 5_000}
_TIMEOUT_S = 10
_MOST_SCHEMAS = 1_000
_INSTALL = "--schema-registry-url needs the packages of an extra: pip install 'tweet-cascade[schema-registry]'"

Client = Any
"""Confluent's client; it is imported only where a registry is used."""
Decode = Callable[[bytes], Json]


class SchemaRegistry:
    """Decodes values; each schema is fetched once.

    Args:
        settings: where the registry is and how to log in.

    Raises:
        SettingError: the packages of the extra are missing.

    """

    def __init__(self, settings: InputSettings) -> None:
        _quiet_authlib()
        try:
            from confluent_kafka.schema_registry import SchemaRegistryClient
        except ImportError as error:
            raise SettingError(f"{_INSTALL} ({error})") from None
        # One for the schemas as they were registered, one for Protobuf's descriptors: a client caches by id alone.
        self._plain, self._serialized = (SchemaRegistryClient(_configuration(settings)) for _ in range(2))
        self._url = settings.schema_registry_url
        self._decoder = lru_cache(_MOST_SCHEMAS)(self._new_decoder)

    def check(self) -> None:
        """Ask for the types of schemas, before the worker joins its group.

        Raises:
            SettingError: the registry cannot be reached, or refuses.

        """
        try:
            self._plain.get_schema_types()
        except Exception as error:
            raise SettingError(
                f"the Schema Registry {self._url} cannot be used ({type(error).__name__}: {error}); check "
                "--schema-registry-url, its user name, password and certificates"
            ) from error

    def decode(self, value: bytes) -> Json:
        """Return the value of a record in Confluent's wire format: a zero, the schema's id in four bytes, the data.

        Raises:
            BadValueError: the registry lacks the schema, or the bytes do not follow it.
            RegistryError: the registry cannot be reached.

        """
        (schema_id,) = struct.unpack(">I", value[1:5])
        decoder = self._decoder(schema_id)
        try:
            return decoder(value)
        except BadValueError:
            raise
        except Exception as error:
            raise BadValueError(
                Reason.INVALID_SCHEMA, f"the bytes do not follow schema {schema_id}: {type(error).__name__}"
            ) from error

    def _new_decoder(self, schema_id: int) -> Decode:
        schema = self._fetch(self._plain, schema_id)
        if schema.schema_type == "AVRO":
            return self._avro(schema)
        if schema.schema_type == "PROTOBUF":
            from worker.formats.protobuf import message_decoder

            return message_decoder(self._fetch(self._serialized, schema_id, "serialized"), self._serialized)
        return _json

    def _avro(self, schema: Json) -> Decode:
        from confluent_kafka.schema_registry.avro import AvroDeserializer

        decode = AvroDeserializer(self._plain, schema)
        return lambda value: decode(value, None)

    def _fetch(self, client: Client, schema_id: int, form: str | None = None) -> Json:
        from confluent_kafka.schema_registry.error import SchemaRegistryError

        try:
            return client.get_schema(schema_id, fmt=form)
        except SchemaRegistryError as error:
            if error.http_status_code == 404 or error.error_code in _NO_SCHEMA:
                raise BadValueError(Reason.INVALID_SCHEMA, f"the registry has no schema {schema_id}") from error
            raise RegistryError(f"the Schema Registry {self._url} refuses schema {schema_id}: {error}") from error
        except Exception as error:
            raise RegistryError(f"the Schema Registry {self._url} cannot be reached: {error}") from error


def _quiet_authlib() -> None:
    """Keep a warning of one library about another out of the log: authlib shows it even where warnings are off."""
    with contextlib.suppress(ImportError):
        from authlib.deprecate import AuthlibDeprecationWarning

        warnings.filterwarnings("ignore", category=AuthlibDeprecationWarning)


def _json(value: bytes) -> Json:
    return parse_bytes(value[5:])


def _configuration(settings: InputSettings) -> dict[str, object]:
    """Return the settings as Confluent's client takes them."""
    given: dict[str, object] = {"url": settings.schema_registry_url, "timeout": _TIMEOUT_S, **_RETRIES}
    if settings.schema_registry_username and settings.schema_registry_password:
        password = settings.schema_registry_password.get_secret_value()
        given["basic.auth.user.info"] = f"{settings.schema_registry_username}:{password}"
    files = {
        "ssl.ca.location": settings.schema_registry_cafile,
        "ssl.certificate.location": settings.schema_registry_certfile,
        "ssl.key.location": settings.schema_registry_keyfile,
    }
    return given | {name: str(path) for name, path in files.items() if path}
