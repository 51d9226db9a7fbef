"""Flags of former versions: they end a command with an error that names what replaced them."""

from argparse import SUPPRESS, Action, ArgumentParser, Namespace
from typing import NoReturn

from worker.errors import SettingError


class _Rejected(Action):
    """Raises a SettingError with the text in `const`."""

    def __call__(
        self,
        parser: ArgumentParser,  # noqa: ARG002 (argparse's signature)
        namespace: Namespace,  # noqa: ARG002
        values: object,  # noqa: ARG002
        option_string: str | None = None,
    ) -> NoReturn:
        raise SettingError(f"{option_string} {self.const}")


def reject_flag(parser: ArgumentParser, flag: str, why: str) -> None:
    """Add a hidden flag that ends the command; `why` follows the flag's name in the message.

    Without it argparse prints its usage and "unrecognized arguments", or takes the flag for an abbreviation.
    """
    parser.add_argument(flag, action=_Rejected, nargs="?", const=why, default=SUPPRESS, help=SUPPRESS)
