"""Transactions of a producer of tweets."""

import uuid
from collections.abc import Sequence

from confluent_kafka import Producer

from worker.settings import KafkaSettings

_TIMEOUT_S = 30.0


class OpenTransaction:
    """Records on the input topic in a transaction that is open until `commit` or `abort`."""

    def __init__(self, settings: KafkaSettings, values: Sequence[bytes], partition: int | None = None) -> None:
        self._producer = Producer(
            {"bootstrap.servers": settings.bootstrap_servers, "transactional.id": f"feed-{uuid.uuid4().hex[:8]}"}
        )
        self._producer.init_transactions(_TIMEOUT_S)
        self._producer.begin_transaction()
        where = {} if partition is None else {"partition": partition}
        for value in values:
            self._producer.produce(settings.input_topic, value, **where)
        assert self._producer.flush(_TIMEOUT_S) == 0

    def commit(self) -> None:
        """Commit the records: a control record follows them."""
        self._producer.commit_transaction(_TIMEOUT_S)

    def abort(self) -> None:
        """Abort the records: consumers that read committed records never see them."""
        self._producer.abort_transaction(_TIMEOUT_S)
