"""Settings of logins and TLS, for every client of the broker."""

from collections.abc import Mapping
from types import MappingProxyType
from typing import Annotated, Literal, Self

from pydantic import Field, FilePath, SecretStr, field_validator, model_validator
from pydantic_settings import BaseSettings, NoDecode, SettingsConfigDict

from worker.settings_conflicts import refuse, without_tls
from worker.urls import require_web_url

_PASSWORD = ("sasl_plain_username", "sasl_plain_password")
_CLIENT = ("sasl_oauth_token_url", "sasl_oauth_client_id", "sasl_oauth_client_secret")
_NEEDED: Mapping[str, tuple[str, ...]] = MappingProxyType(
    {"PLAIN": _PASSWORD, "SCRAM-SHA-256": _PASSWORD, "SCRAM-SHA-512": _PASSWORD, "OAUTHBEARER": _CLIENT}
)
Extensions = tuple[tuple[str, str], ...]
"""Names and values."""


class SecuritySettings(BaseSettings):
    """How clients of the broker log in, and TLS."""

    model_config = SettingsConfigDict(env_prefix="CASCADE_", frozen=True, extra="ignore", validate_default=True)

    security_protocol: Literal["PLAINTEXT", "SSL", "SASL_PLAINTEXT", "SASL_SSL"] = Field(
        "PLAINTEXT", description="PLAINTEXT, SSL, SASL_PLAINTEXT or SASL_SSL"
    )
    sasl_mechanism: Literal["PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512", "OAUTHBEARER", "AWS_MSK_IAM"] | None = Field(
        None, description="PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, OAUTHBEARER or AWS_MSK_IAM"
    )
    sasl_plain_username: str | None = Field(None, description="user name for PLAIN and SCRAM")
    sasl_plain_password: SecretStr | None = Field(None, description="password for PLAIN and SCRAM")
    sasl_oauth_token_url: str | None = Field(
        None, description="token endpoint of the authorization server, for OAUTHBEARER: https://host/path"
    )
    sasl_oauth_client_id: str | None = Field(None, min_length=1, description="client id for OAUTHBEARER")
    sasl_oauth_client_secret: SecretStr | None = Field(None, description="client secret for OAUTHBEARER")
    sasl_oauth_scope: str | None = Field(None, min_length=1, description="scopes of the token, separated by spaces")
    sasl_oauth_extensions: Annotated[Extensions, NoDecode] = Field(
        (),
        description="SASL extensions sent with the token, comma-separated: logicalCluster=lkc-1,identityPoolId=pool-1",
    )
    sasl_oauth_cafile: FilePath | None = Field(
        None, description="certificate authorities to trust for the token endpoint, PEM"
    )
    sasl_aws_region: str | None = Field(
        None,
        min_length=1,
        description="region of the cluster, for AWS_MSK_IAM; default: that of AWS's own configuration",
    )
    ssl_cafile: FilePath | None = Field(None, description="certificate authorities to trust, PEM")
    ssl_certfile: FilePath | None = Field(None, description="client certificate, PEM")
    ssl_keyfile: FilePath | None = Field(None, description="client private key, PEM")
    ssl_password: SecretStr | None = Field(None, description="password of the private key")
    ssl_check_hostname: bool = Field(True, description="verify that the broker's name matches its certificate")

    @field_validator("sasl_oauth_token_url")
    @classmethod
    def _check_token_url(cls, value: str | None) -> str | None:
        if value is not None:
            logins = ("CASCADE_SASL_OAUTH_CLIENT_ID", "CASCADE_SASL_OAUTH_CLIENT_SECRET")
            require_web_url(value, "https://login.example/oauth2/token", logins)
        return value

    @field_validator("sasl_oauth_extensions", mode="before")
    @classmethod
    def _split_extensions(cls, value: object) -> object:
        return tuple(map(_extension, value.split(","))) if isinstance(value, str) and value.strip() else value or ()

    @model_validator(mode="after")
    def _check_tls(self) -> Self:
        files = {
            "--ssl-cafile": self.ssl_cafile,
            "--ssl-certfile": self.ssl_certfile,
            "--ssl-keyfile": self.ssl_keyfile,
        }
        refuse(without_tls(self.security_protocol, files))
        if self.ssl_keyfile and not self.ssl_certfile:
            raise ValueError("--ssl-keyfile needs --ssl-certfile: a private key belongs to a certificate")
        return self

    @model_validator(mode="after")
    def _check_sasl(self) -> Self:
        if self.security_protocol.startswith("SASL_"):
            self._check_login()
        elif self.sasl_mechanism or any(getattr(self, name) for name in (*_PASSWORD, *_CLIENT)):
            raise ValueError("SASL is set up but --security-protocol is neither SASL_PLAINTEXT nor SASL_SSL")
        return self

    def _check_login(self) -> None:
        if not self.sasl_mechanism:
            raise ValueError(
                "SASL needs --sasl-mechanism (CASCADE_SASL_MECHANISM): PLAIN, SCRAM-SHA-256, SCRAM-SHA-512, "
                "OAUTHBEARER or AWS_MSK_IAM"
            )
        needed = _NEEDED.get(self.sasl_mechanism, ())
        if missing := [f"CASCADE_{name.upper()}" for name in needed if not getattr(self, name)]:
            raise ValueError(f"{self.sasl_mechanism} also needs {', '.join(missing)}")
        if self.sasl_mechanism == "AWS_MSK_IAM" and self.security_protocol != "SASL_SSL":
            raise ValueError("AWS_MSK_IAM needs --security-protocol SASL_SSL: whoever reads its token can log in")


def _extension(text: str) -> tuple[str, str]:
    name, found, value = (part.strip() for part in text.partition("="))
    if not (found and name.isalpha() and value):
        raise ValueError(f"{text.strip()!r} is not of the form name=value, with only letters in the name")
    return name, value
