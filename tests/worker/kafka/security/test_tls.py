"""TLS as the settings configure it."""

from pathlib import Path
from typing import Any

import pytest

from worker.errors import SettingError
from worker.kafka.config import client_config
from worker.settings import KafkaSettings


@pytest.mark.parametrize(("name", "message"), [("ssl_cafile", "--ssl-cafile"), ("ssl_certfile", "--ssl-keyfile")])
def test_a_file_without_a_certificate_is_named(name: str, message: str, tmp_path: Path) -> None:
    """A wrong file is reported with its setting, before any connection."""
    (tmp_path / "some.pem").write_text("not a certificate")
    given: dict[str, Any] = {"security_protocol": "SSL", name: tmp_path / "some.pem"}
    with pytest.raises(SettingError, match=message):
        client_config(KafkaSettings(**given))
