"""Self-signed certificates, a user and listeners for a test cluster with TLS and SASL."""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from deploy.kafka.config import Listener
from worker.errors import SettingError

if TYPE_CHECKING:
    from cryptography.hazmat.primitives.serialization import KeySerializationEncryption

USER = "tweets"
LISTENERS = (
    Listener("SSL", "SSL"), Listener("MTLS", "SSL"),
    Listener("SASL_PLAINTEXT", "SASL_PLAINTEXT"), Listener("SASL_SSL", "SASL_SSL"),
)  # fmt: skip
_SCRAM = ("SCRAM-SHA-256", "SCRAM-SHA-512")
_MODULES = "org.apache.kafka.common.security"


@dataclass(frozen=True)
class Security:
    """Files that clients need to connect; `create` writes them.

    `ca.pem` is the certificate authority. `client.pem` and `client.key` (encrypted with the password) are the client
    certificate that the listener MTLS requires. `password` holds the password of the user `tweets`.
    """

    folder: Path

    @property
    def ca(self) -> Path:
        """The certificate authority, for clients to trust."""
        return self.folder / "ca.pem"

    @property
    def certificate(self) -> Path:
        """The client certificate."""
        return self.folder / "client.pem"

    @property
    def key(self) -> Path:
        """The client's private key, encrypted with `password`."""
        return self.folder / "client.key"

    @property
    def password(self) -> str:
        """The password of the user and of the client's key."""
        return (self.folder / "password").read_text()

    @classmethod
    def create(cls, folder: Path) -> "Security":
        """Write the files unless they exist; secrets are readable only by their owner.

        Raises:
            SettingError: the package trustme is not installed.

        """
        made = cls(folder.resolve())  # absolute, because the broker's working directory may differ
        folder.mkdir(parents=True, exist_ok=True)
        if not (folder / "password").exists():
            _write_certificates(folder, password := secrets.token_urlsafe(24))
            _write(folder / "password", password.encode())
        return made

    def properties(self) -> dict[str, str]:
        """Return the settings of server.properties for all of `LISTENERS`."""
        plain = f'{_MODULES}.plain.PlainLoginModule required user_{USER}="{self.password}";'
        scram = f"{_MODULES}.scram.ScramLoginModule required;"
        modules = {"plain": plain, **{name.lower(): scram for name in _SCRAM}}
        return {
            "ssl.keystore.type": "PEM",
            "ssl.keystore.location": str(self.folder / "server.pem"),
            "ssl.truststore.type": "PEM",
            "ssl.truststore.location": str(self.ca),
            "listener.name.mtls.ssl.client.auth": "required",
            "sasl.enabled.mechanisms": ",".join(("PLAIN", *_SCRAM)),
            **{
                f"listener.name.{listener}.{mechanism}.sasl.jaas.config": module
                for listener in ("sasl_plaintext", "sasl_ssl")
                for mechanism, module in modules.items()
            },
        }

    def users(self) -> Sequence[str]:
        """Return the arguments with which StorageTool adds the user for SCRAM."""
        user = f"[name={USER},password={self.password}]"
        return [argument for name in _SCRAM for argument in ("--add-scram", f"{name}={user}")]


def _write_certificates(folder: Path, password: str) -> None:
    try:
        import trustme
        from cryptography.hazmat.primitives.serialization import BestAvailableEncryption, NoEncryption
    except ImportError as error:
        raise SettingError(
            "certificates require the package trustme; install it with: pip install -e '.[dev]'"
        ) from error
    authority = trustme.CA(organization_name="tweet-cascade test")
    server, client = (authority.issue_cert(name) for name in ("127.0.0.1", "client.invalid"))
    authority.cert_pem.write_to_path(folder / "ca.pem")
    client.cert_chain_pems[0].write_to_path(folder / "client.pem")
    _write(folder / "client.key", _pkcs8(client.private_key_pem.bytes(), BestAvailableEncryption(password.encode())))
    server_key = _pkcs8(server.private_key_pem.bytes(), NoEncryption())
    _write(folder / "server.pem", server_key + server.cert_chain_pems[0].bytes())


def _pkcs8(pem: bytes, encryption: "KeySerializationEncryption") -> bytes:
    """Return a private key in PKCS #8, the only format that Kafka reads."""
    from cryptography.hazmat.primitives.serialization import Encoding, PrivateFormat, load_pem_private_key

    return load_pem_private_key(pem, None).private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)


def _write(path: Path, content: bytes) -> None:
    path.touch(0o600)
    path.write_bytes(content)
