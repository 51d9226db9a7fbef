"""Quotas of the brokers."""

from collections.abc import Iterator
from contextlib import closing, contextmanager

from kafka import KafkaAdminClient
from kafka.protocol.admin import AlterClientQuotasRequest

from worker.settings import KafkaSettings

_KEY = "producer_byte_rate"


@contextmanager
def producer_quota(settings: KafkaSettings, bytes_per_second: float) -> Iterator[None]:
    """Let each user produce only so much while the `with` block runs."""
    with closing(KafkaAdminClient(bootstrap_servers=settings.bootstrap_servers)) as admin:
        _alter(admin, {"key": _KEY, "value": bytes_per_second, "remove": False})
        try:
            yield
        finally:
            _alter(admin, {"key": _KEY, "value": 0.0, "remove": True})


def _alter(admin: KafkaAdminClient, operation: dict[str, object]) -> None:
    """Change the default quota of users; neither kafka-python nor librdkafka has a method for it."""
    request = AlterClientQuotasRequest
    change = request.EntryData(
        entity=[request.EntryData.EntityData(entity_type="user", entity_name=None)],
        ops=[request.EntryData.OpData(**operation)],
    )
    answer = admin._manager.run(admin._manager.send, request(entries=[change], validate_only=False))
    assert [entry.error_code for entry in answer.entries] == [0], answer
