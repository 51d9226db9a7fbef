"""Addresses of web services in the settings."""

from urllib.parse import urlsplit


def require_web_url(value: str, example: str, login: tuple[str, ...]) -> None:
    """Check that a setting is the URL of a web service.

    Args:
        value: the setting.
        example: a right value, for the message.
        login: the settings that hold the user name and the password, which do not belong into a URL.

    Raises:
        ValueError: it is not.

    """
    parts = urlsplit(value.strip())
    if parts.scheme not in {"http", "https"} or not parts.hostname:
        raise ValueError(f"it is not a URL such as {example}")
    if parts.username or parts.password:
        raise ValueError(f"the user name and the password have settings of their own: {', '.join(login)}")
