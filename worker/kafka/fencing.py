"""Whether a fenced worker is a zombie: whether its consumer group has continued without it.

The broker aborts a transaction that is open for too long. From then on it refuses the producer's requests with the same
error that a second process with the same transactional id would cause. Here no two workers share an id, so the error
only means that too much time has passed. So does the error for an id that was unused for a week, which the broker
forgets (its transactional.id.expiration.ms). Only the group knows whether another member has the worker's partitions.
"""

import time
from collections.abc import Mapping
from typing import Any

from kafka.errors import (
    CommitFailedError,
    FencedInstanceIdError,
    InvalidProducerEpochError,
    InvalidProducerIdMappingError,
    ProducerFencedError,
)
from kafka.structs import ConsumerGroupMetadata

from worker.errors import BrokerError, FencedError
from worker.kafka.admin import admin_client
from worker.kafka.diagnosis.refusals import describe
from worker.kafka.patches.transactions import is_caused_by
from worker.settings import WorkerSettings

_FENCED = (ProducerFencedError, InvalidProducerEpochError, InvalidProducerIdMappingError)
_PAUSE_S = 0.2  # while the group's coordinator moves or loads


def require_member(metadata: ConsumerGroupMetadata) -> ConsumerGroupMetadata:
    """Return the metadata of a current member; without a member id the broker would fence nobody.

    Raises:
        CommitFailedError: the worker has left its group or was removed from it.

    """
    if metadata.generation_id < 0 or not metadata.member_id:
        raise CommitFailedError("the group has removed this worker")
    return metadata


def is_fenced(*errors: BaseException | None) -> bool:
    """Return whether one of the errors says that the producer is fenced."""
    return any(is_caused_by(error, _FENCED) for error in errors)


def raise_if_replaced(settings: WorkerSettings, error: BaseException | None) -> None:
    """Raise an error that users understand if the error is about a second static member of the same name.

    Raises:
        FencedError: another worker has joined with the same --group-instance-id.

    """
    if error and is_caused_by(error, (FencedInstanceIdError,)):
        raise FencedError(describe(error, settings)) from error


def is_displaced(settings: WorkerSettings, member_id: str) -> bool:
    """Return whether the group has members and this worker is not one of them.

    Raises:
        BrokerError: the group's coordinator does not answer within --connect-timeout.

    """
    deadline = time.monotonic() + settings.connect_timeout.total_seconds()
    while True:
        try:
            members = _members(settings)
        except BrokerError:
            if time.monotonic() > deadline:
                raise
            time.sleep(_PAUSE_S)
        else:
            return bool(members) and member_id not in members


def _members(settings: WorkerSettings) -> set[str]:
    with admin_client(settings) as admin:
        group: Mapping[str, Any] = admin.describe_groups([settings.group_id])[settings.group_id]
    if group["error"] and group["group_state"] != "Dead":  # a group that nobody has joined yet is described as dead
        raise BrokerError(f"the coordinator of group {settings.group_id} does not answer: {group['error']}")
    return {member["member_id"] for member in group["members"]}
