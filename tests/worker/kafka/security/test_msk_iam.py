"""Tokens for Amazon MSK."""

import base64
from pathlib import Path
from urllib.parse import parse_qs, urlsplit

import pytest

from worker.errors import SettingError
from worker.kafka.security.msk_iam import sign_token
from worker.settings import KafkaSettings

SETTINGS = {"security_protocol": "SASL_SSL", "sasl_mechanism": "AWS_MSK_IAM"}


@pytest.fixture(autouse=True)
def _only_this_environment(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    """Hide the machine's own AWS configuration, and its metadata service."""
    for name in ("AWS_PROFILE", "AWS_REGION", "AWS_DEFAULT_REGION", "AWS_SESSION_TOKEN"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")
    for name in ("AWS_CONFIG_FILE", "AWS_SHARED_CREDENTIALS_FILE"):
        monkeypatch.setenv(name, str(tmp_path / "none"))


@pytest.fixture
def _credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "AKIDEXAMPLE")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "wJalrXUtnFEMI")


@pytest.mark.usefixtures("_credentials")
def test_a_token_is_signed_for_the_region() -> None:
    """It is a signed URL of MSK's action, valid for a quarter of an hour."""
    token = sign_token(KafkaSettings(**SETTINGS, sasl_aws_region="eu-west-1"))  # type: ignore[arg-type]
    url = urlsplit(base64.urlsafe_b64decode(token.value + "==").decode())
    query = parse_qs(url.query)
    assert (url.hostname, query["Action"]) == ("kafka.eu-west-1.amazonaws.com", ["kafka-cluster:Connect"])
    assert query["X-Amz-Credential"][0].startswith("AKIDEXAMPLE/")
    assert 890 < token.lifetime_s <= 900


@pytest.mark.usefixtures("_credentials")
def test_the_region_is_that_of_aws_configuration(monkeypatch: pytest.MonkeyPatch) -> None:
    """Where AWS is configured anyway, nothing else is needed; where it is not, the message says what is."""
    with pytest.raises(SettingError, match="--sasl-aws-region or AWS_DEFAULT_REGION"):
        sign_token(KafkaSettings(**SETTINGS))  # type: ignore[arg-type]
    monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-2")
    assert b"us-east-2" in base64.urlsafe_b64decode(sign_token(KafkaSettings(**SETTINGS)).value + "==")  # type: ignore[arg-type]


def test_missing_credentials_are_reported(monkeypatch: pytest.MonkeyPatch) -> None:
    """Without credentials the message says where AWS looks for them."""
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name, raising=False)
    with pytest.raises(SettingError, match="are AWS credentials configured.*AWS_ACCESS_KEY_ID"):
        sign_token(KafkaSettings(**SETTINGS, sasl_aws_region="eu-west-1"))  # type: ignore[arg-type]
