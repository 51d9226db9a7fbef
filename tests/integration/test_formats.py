"""Records of other streams, through a worker and a broker."""

import json
from collections.abc import Callable

import pytest

from schemas import Reason
from tests.integration.topics import Outputs, produce
from tests.integration.worker_process import WorkerProcess
from tests.schemas.test_messages_doc import RECORDS
from tests.worker.formats.framed import CASES, framed
from tests.worker.formats.registry_server import running
from tests.worker.formats.test_shapes import EXPECTED
from worker.settings import KafkaSettings
from worker.types import TweetStruct

pytestmark = pytest.mark.broker
Start = Callable[..., WorkerProcess]


def check(outputs: Outputs, expected: dict[str, TweetStruct]) -> None:
    """Check that each text has the label, and the probability, of the same text in a plain tweet."""
    found = {label.id: label.probability for label in outputs.labels}
    assert {tweet.id for tweet in expected.values()} <= found.keys()
    for name, tweet in expected.items():
        assert found[tweet.id] == found[f"plain {name}"], name
    assert len({round(p, 6) for p in found.values()}) > len(expected) // 2, "the texts have different probabilities"


def plain(expected: dict[str, TweetStruct]) -> list[tuple[bytes | None, bytes]]:
    """Return plain tweets of the same texts."""
    return [(None, json.dumps({"id": f"plain {n}", "text": t.text}).encode()) for n, t in expected.items()]


def test_every_example_of_the_page_is_labelled(start: Start, topics: KafkaSettings, outputs: Outputs) -> None:
    """All shapes in one topic, with no setting, have the label of their whole text under their own id."""
    expected = {name: TweetStruct(*EXPECTED[name]) for name in RECORDS if name != "text-field"}
    notices = [b"\r\n", b'{"delete": {"status": {"id": 1}}}', b'{"did": "d", "kind": "identity"}']
    produce(topics, [(None, RECORDS[name].encode()) for name in expected] + plain(expected))
    produce(topics, [(None, value) for value in notices])
    worker = start("--copy-field", "lang")
    outputs.wait_for(2 * len(expected))
    outputs.read_rest()
    code, log = worker.terminate()
    assert code == 0, log
    check(outputs, expected)
    assert outputs.dead_letters == []
    assert {label.id: label.input for label in outputs.labels}[EXPECTED["x-v2"][0]] == {"lang": "en"}


def test_other_fields_and_dead_letters_in_the_log(start: Start, topics: KafkaSettings, outputs: Outputs) -> None:
    """`--text-field` reads what no shape does; what it does not read is a dead letter, and the log says so at once."""
    expected = {"text-field": TweetStruct(*EXPECTED["text-field"])}
    mine = {"payload": {"key": "plain text-field", "body": expected["text-field"].text}}
    values = [RECORDS["text-field"].encode(), json.dumps(mine).encode(), *[b'{"secret": "none"}'] * 3]
    produce(topics, [(b"k", value) for value in values])
    worker = start("--text-field", "payload.body", "--id-field", "payload.key")
    outputs.wait_for(5)
    code, log = worker.terminate()
    assert code == 0, log
    found = {label.id: label.probability for label in outputs.labels}
    assert found == {"k-1": found["plain text-field"], "plain text-field": found["plain text-field"]}
    assert {letter.reason for _, letter in outputs.dead_letters} == {Reason.MISSING_TEXT}
    assert f"a record cannot be labelled: missing_text (partition 0 of {topics.input_topic}, offset 2)" in log.replace(
        "partition 1", "partition 0"
    ).replace("partition 2", "partition 0")
    assert "more records cannot be labelled: missing_text, 2 in" in log
    assert "secret" not in log


def test_avro_json_schema_and_protobuf_with_a_registry(start: Start, topics: KafkaSettings, outputs: Outputs) -> None:
    """Records of Confluent's serializers have the label of their text."""
    with running() as registry:
        produce(topics, [(None, value) for value in framed(registry.url).values()] + plain(CASES))
        worker = start("--schema-registry-url", registry.url)
        outputs.wait_for(2 * len(CASES))
        code, log = worker.terminate()
    assert code == 0, log
    check(outputs, CASES)
