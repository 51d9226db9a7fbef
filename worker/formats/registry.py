"""Schema Registry: decodes values with the schema that they, or their record's header, name.

Confluent names a schema by a zero and its id, in four bytes, before the value; or by a one and its GUID, in 16 bytes,
in the header `__value_schema_id`.
"""

import contextlib
import uuid
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
                "--schema-registry-url, user name and password, --schema-registry-cafile and --schema-registry-certfile"
            ) from error

    def decode(self, name: bytes, payload: bytes) -> Json:
        """Return the value of a record.

        Args:
            name: of the schema: a zero and its id, or a one and its GUID.
            payload: what follows the schema.

        Raises:
            BadValueError: the registry lacks the schema, or the bytes do not follow it.
            RegistryError: the registry cannot be reached.

        """
        decoder = self._decoder(name)
        try:
            return decoder(payload)
        except BadValueError:
            raise
        except Exception as error:
            raise BadValueError(
                Reason.INVALID_SCHEMA, f"the bytes do not follow schema {_written(name)}: {type(error).__name__}"
            ) from error

    def _new_decoder(self, name: bytes) -> Decode:
        schema = self._fetch(self._plain, name)
        if schema.schema_type == "AVRO":
            return self._avro(schema, name)
        if schema.schema_type == "PROTOBUF":
            from worker.formats.protobuf import message_decoder

            return message_decoder(self._fetch(self._serialized, name, "serialized"), self._serialized)
        return parse_bytes

    def _avro(self, schema: Json, name: bytes) -> Decode:
        from confluent_kafka.schema_registry.avro import AvroDeserializer

        decode = AvroDeserializer(self._plain, schema)
        return lambda payload: decode(name + payload, None)

    def _fetch(self, client: Client, name: bytes, form: str | None = None) -> Json:
        from confluent_kafka.schema_registry.error import SchemaRegistryError

        try:
            if name[0]:
                return client.get_schema_by_guid(_written(name), fmt=form)
            return client.get_schema(int(_written(name)), fmt=form)
        except SchemaRegistryError as error:
            if error.http_status_code == 404 or error.error_code in _NO_SCHEMA:
                raise BadValueError(Reason.INVALID_SCHEMA, f"the registry has no schema {_written(name)}") from error
            raise RegistryError(f"the Schema Registry {self._url} refuses schema {_written(name)}: {error}") from error
        except Exception as error:
            raise RegistryError(f"the Schema Registry {self._url} cannot be reached: {error}") from error


def _quiet_authlib() -> None:
    """Keep a warning of one library about another out of the log: authlib shows it even where warnings are off."""
    with contextlib.suppress(ImportError):
        from authlib.deprecate import AuthlibDeprecationWarning

        warnings.filterwarnings("ignore", category=AuthlibDeprecationWarning)


def _written(name: bytes) -> str:
    r"""Return a schema's id or GUID as text.

    >>> _written(bytes([0, 0, 0, 1, 0])), _written(bytes([1]) + bytes(15) + bytes([7]))
    ('256', '00000000-0000-0000-0000-000000000007')
    """
    return str(uuid.UUID(bytes=name[1:]) if name[0] else int.from_bytes(name[1:]))


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
