"""docs/settings.md: tables of the settings, from the models in `worker.settings`."""

from collections.abc import Iterator
from pathlib import Path

from pydantic.fields import FieldInfo
from pydantic_settings import BaseSettings

from worker.follow.follow_settings import FollowSettings
from worker.formats.input_settings import InputSettings
from worker.security_settings import SecuritySettings
from worker.settings import HttpSettings, TopicSettings, WorkerSettings
from worker.settings_cli import SECRETS_DIR, default_text, flag, is_secret, variable

FILE = Path(__file__).parents[2] / "docs/settings.md"

_INTRODUCTION = f"""\
# Settings

<!-- Written by `python -m deploy.docs` from worker/settings.py: change the descriptions there. -->

A setting is a flag, else an environment variable, else its default. `python -m worker COMMAND --help` shows the same.

A duration is a number with its unit, `ms`, `s` or `m`: `250ms`, `1.5s`, `5m`. A flag or variable of a former version
ends the command with exit code 2; its message names what replaced it. So do settings that contradict each other, such
as two topics of one name or a `--liveness-deadline` below `--delivery-timeout`; the message names both.

Secrets have no flag, since other users of a machine can read its list of processes. They are variables, or files in
`{SECRETS_DIR}` named like the variable in lower case, as Docker and Kubernetes mount them; any other setting can be
such a file, too.
"""
_FOLLOW = (
    "`follow` reads these, and those of Kafka, metrics, health and the log; its port is 8001 ([Streams](streams.md))."
)
_ALL = "`run`, `produce`, `follow`, `tail`, `topics` and `replay` read these"
_GROUPS: tuple[tuple[str, type[BaseSettings], str], ...] = (
    ("Kafka", TopicSettings, f"{_ALL}."),
    ("Logins and TLS", SecuritySettings, f"{_ALL}, too ([Kafka](kafka.md#tls-and-sasl))."),
    ("Metrics and health", HttpSettings, "`run`, `follow` and `health` read these."),
    ("Records", InputSettings, "`run` reads these ([Messages](messages.md#records-of-other-streams))."),
    ("Worker", WorkerSettings, "`run` reads these, and all of the above."),
    ("Follow", FollowSettings, _FOLLOW),
)


def document() -> str:
    """Return the text of docs/settings.md."""
    parts = [_INTRODUCTION]
    seen = set[str]()
    for title, model, readers in _GROUPS:
        own = {name: info for name, info in model.model_fields.items() if name not in seen}
        seen |= own.keys()
        parts.append("\n".join([f"## {title}", "", readers, "", *_table(own), ""]))
    return "\n".join(parts)


def _table(fields: dict[str, FieldInfo]) -> Iterator[str]:
    yield "| flag | variable | default | meaning |"
    yield "|---|---|---|---|"
    for name, info in fields.items():
        first = "secret" if is_secret(info) else f"`{flag(name)}`"
        yield f"| {first} | `{variable(name)}` | {default_text(info)} | {info.description} |"
