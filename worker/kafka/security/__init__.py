"""TLS and logins of the clients: passwords, and tokens that are renewed while the worker runs."""

from worker.kafka.security.login import describe_login, require_login, sasl_config
from worker.kafka.security.tls import tls_context

__all__ = ["describe_login", "require_login", "sasl_config", "tls_context"]
