"""Flags, variables and error messages, made from the models in `worker.settings`."""

import os
from argparse import SUPPRESS, ArgumentParser, Namespace
from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any, TypeVar, get_args

from pydantic import SecretStr, ValidationError
from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from worker.cli.former_flags import reject_flag
from worker.errors import SettingError
from worker.settings import PREFIX

SECRETS_DIR = Path("/run/secrets")
_METAVARS = {bool: "BOOL", int: "N", float: "SHARE", timedelta: "DURATION"}
_RENAMED = {
    "connect_timeout_ms": "connect_timeout",
    "session_timeout_ms": "session_timeout",
    "max_poll_interval_ms": "max_poll_interval",
    "delivery_timeout_ms": "delivery_timeout",
    "transaction_timeout_ms": "transaction_timeout",
    "liveness_deadline_ms": "liveness_deadline",
    "artifact_watch_ms": "artifact_watch",
}
_REMOVED = {
    "poll_timeout_ms": "a poll waits for 500 ms",
    "transactional_id": "transactional ids begin with --group-id",
    "bad_window": "--max-bad-share is about the last 10,000 records",
}

S = TypeVar("S", bound=BaseSettings)


def add_flags(parser: ArgumentParser, model: type[BaseSettings]) -> None:
    """Add a flag for every setting but the secrets, which other users of a machine could see in its process list."""
    group = parser.add_argument_group("settings", _about(model))
    for name, info in model.model_fields.items():
        if not is_secret(info):
            text = f"{info.description} [{variable(name)}; default: {default_text(info)}]"
            group.add_argument(flag(name), default=SUPPRESS, metavar=_metavar(info), help=text)
    for name in [*(old for old, new in _RENAMED.items() if new in model.model_fields), *_REMOVED]:
        reject_flag(parser, flag(name), _replacement(name, flag))


def _about(model: type[BaseSettings]) -> str:
    secrets = [variable(name) for name, info in model.model_fields.items() if is_secret(info)]
    text = """A flag takes precedence over its environment variable, in brackets.
A duration is a number and its unit: 500ms, 45s, 5m."""
    if secrets:
        text += f"""
Secrets have no flag: {", ".join(secrets)} are
variables, or files of these names, in lower case, in {SECRETS_DIR}."""
    return text


def read_settings(model: type[S], arguments: Namespace) -> S:
    """Build the settings from the flags that were given, the environment and the defaults.

    Raises:
        SettingError: a value is not allowed, or a variable of a former version is set. The message names the setting,
            where its value comes from, and what is allowed.

    """
    if former := list(_former_variables()):
        raise SettingError("; ".join(former))
    given = {name: value for name, value in vars(arguments).items() if name in model.model_fields}
    try:
        return model(**given, _secrets_dir=SECRETS_DIR if SECRETS_DIR.is_dir() else None)
    except ValidationError as error:
        raise SettingError("; ".join(_problem(details, given) for details in error.errors())) from None


def _former_variables() -> Iterator[str]:
    """Yield a message for each setting of a former version that the environment or a file still has."""
    given = {name.upper() for name in os.environ}
    for name in (*_RENAMED, *_REMOVED):
        if variable(name) in given or (SECRETS_DIR / variable(name).lower()).exists():
            yield f"{variable(name)} {_replacement(name, variable)}"


def _replacement(name: str, spelling: Callable[[str], str]) -> str:
    """Return what replaced a setting of a former version; `spelling` is `flag` or `variable`."""
    if name in _RENAMED:
        return f"is now {spelling(_RENAMED[name])}, a duration with its unit, such as 500ms, 45s or 5m"
    return f"was removed: {_REMOVED[name]}"


def _problem(details: Any, given: dict[str, Any]) -> str:  # noqa: ANN401 (pydantic's ErrorDetails)
    if not details["loc"]:
        return str(details["ctx"]["error"])
    name = str(details["loc"][0])
    origin = flag(name) if name in given else variable(name)
    return f"{origin}: {details['msg'].removeprefix('Value error, ')}"


def flag(name: str) -> str:
    """Return a setting's flag."""
    return "--" + name.replace("_", "-")


def variable(name: str) -> str:
    """Return a setting's environment variable."""
    return PREFIX + name.upper()


def is_secret(info: FieldInfo) -> bool:
    """Return whether a setting's value must not be shown."""
    return SecretStr in get_args(info.annotation)


def secrets_of(settings: BaseSettings) -> list[str]:
    """Return the values that must not be shown."""
    values = [getattr(settings, name) for name in type(settings).model_fields]
    return [value.get_secret_value() for value in values if isinstance(value, SecretStr)]


def default_text(info: FieldInfo) -> str:
    """Return a setting's default as users write it."""
    return "none" if info.default in {None, ()} else str(info.default)


def _metavar(info: FieldInfo) -> str:
    return next((text for kind, text in _METAVARS.items() if info.annotation is kind), "VALUE")
