"""A stream that turns from English to Spanish and back: the worker keeps its artifact's promise by itself."""

import json
from pathlib import Path

import numpy as np
import pytest
import skops.io
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.naive_bayes import MultinomialNB
from sklearn.pipeline import make_pipeline

from tests.artifacts import describe
from tests.helpers import tweet
from tests.kafka.support.auditor import audit, read_topic
from tests.kafka.support.modes import both_modes
from tests.kafka.support.tweets import produce
from tests.kafka.support.waiting import wait_until
from tests.kafka.support.workers import Workers
from worker.settings import KafkaSettings

pytestmark = [pytest.mark.kafka, pytest.mark.timeout(240)]
_ENGLISH = ["Forest fire near the old town", "Flood in the valley, many dead", "My new album is out today"]
_DISASTERS = ["Incendio cerca del pueblo viejo", "Muchos muertos tras el terremoto", "Se hunde otro edificio entero"]
_OTHERS = ["Hoy sale por fin mi disco nuevo", "Buenas noches amigos queridos todos", "Vaya partido tan aburrido ayer"]
_WORDS = ["alto", "bajo", "rojo", "verde", "lunes", "martes", "enero", "norte", "grande", "poco"]


def texts(kinds: list[str], count: int, seed: int) -> list[str]:
    """Return variants of the texts, each with another word or two."""
    draw = np.random.default_rng(seed)
    return [f"{draw.choice(kinds)} {draw.choice(_WORDS)} {n}" for n in range(count)]


@pytest.fixture(scope="module")
def small_artifact(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return an artifact whose first stage has read English only, and calls the rest what most tweets are."""
    folder = tmp_path_factory.mktemp("artifact") / "bilingual"
    folder.mkdir()
    english, spanish = texts(_ENGLISH, 200, 1), texts(_DISASTERS, 200, 2) + texts(_OTHERS, 200, 3)
    of_english = [int("album" not in text) for text in english]
    fast = make_pipeline(
        TfidfVectorizer(stop_words=[str(n) for n in range(200)]), MultinomialNB(class_prior=[0.8, 0.2])
    )
    strong = make_pipeline(TfidfVectorizer(), LogisticRegression(C=100))
    skops.io.dump(fast.fit(english, of_english), folder / "baseline.skops")
    skops.io.dump(strong.fit(english + spanish, of_english + [1] * 200 + [0] * 200), folder / "use.skops")
    describe(folder)
    return folder


class Stream:
    """Tweets with the ids 0, 1, 2 and so on, whose labels are awaited."""

    def __init__(self, settings: KafkaSettings, workers: Workers) -> None:
        self.settings, self.workers, self.count = settings, workers, 0

    def label(self, kinds: list[str], count: int) -> list[dict[str, object]]:
        """Produce tweets of these kinds and return their labels, in order."""
        first, self.count = self.count, self.count + count
        produce(self.settings, [tweet(first + n, text) for n, text in enumerate(texts(kinds, count, first))])
        self.workers.wait_done(90)
        values = [json.loads(v) for v, _ in read_topic(self.settings.bootstrap_servers, self.settings.output_topic)]
        return sorted((label for label in values if label["id"] >= first), key=lambda label: label["id"])


@both_modes
def test_a_stream_that_turns(
    workers: Workers, settings: KafkaSettings, delivery: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Spanish disasters are missed until the evidence suffices, and then no more; English costs no more than before."""
    monkeypatch.setenv("CASCADE_AUDIT_SHARE", "0.5")
    worker, stream = workers.start(100), Stream(settings, workers)

    def exceeded() -> float:
        return workers.metric(worker, "cascade_promise_exceeded")

    def wait_for(value: int) -> None:
        wait_until(lambda: exceeded() == value, 30, lambda: f"cascade_promise_exceeded: {exceeded()} {workers.logs()}")

    def stages(kinds: list[str], count: int) -> set[tuple[object, object]]:
        return {(label["stage"], label["label"]) for label in stream.label(kinds, count)}

    assert stages(_ENGLISH, 300) == {("baseline", "disaster"), ("baseline", "not_disaster")}
    assert exceeded() == 0
    assert ("baseline", "not_disaster") in stages(_DISASTERS, 300), "the first stage cannot read them"
    wait_for(1)
    assert stages(_DISASTERS, 300) == {("use", "disaster")}
    assert stages(_ENGLISH, 300) == {("baseline", "disaster"), ("baseline", "not_disaster")}
    assert stages(_OTHERS, 2_000) >= {("use", "not_disaster")}
    wait_for(0)
    assert stages(_OTHERS, 300) == {("baseline", "not_disaster")}, "the bands are as trained again"
    audit(settings).check(stream.count, delivery)
    assert "overrules more in segment known_0_50 than the artifact promises" in workers.logs()
