"""What the benchmarks reckon and write, without a broker."""

import json
from pathlib import Path

import numpy as np
import pytest

from benchmarks.artifacts import single_stage
from benchmarks.latency_run import percentiles
from benchmarks.linear_fit import fit_line
from benchmarks.load import arrivals
from benchmarks.measure import rate
from benchmarks.output import facts, require_writable, write_json
from benchmarks.scaling import numbers
from benchmarks.scores import score
from benchmarks.systems import CONTENDERS, DEFAULT, chosen, commands
from benchmarks.targets import verdicts
from benchmarks.tweets import Pool, read_pool
from worker.errors import SettingError
from worker.models import load_artifact


@pytest.mark.parametrize("name", ["baseline", "use"])
def test_a_stage_alone_is_an_artefact_that_the_worker_takes(small_artifact: Path, tmp_path: Path, name: str) -> None:
    """Its files, checksums and version hold, it decides everything, and the other artefact stays whole."""
    alone = load_artifact(single_stage(small_artifact, name, tmp_path / "alone"))
    [stage] = alone.cascade.stages
    assert (stage.name, stage.band, stage.blend) == (name, None, None)
    assert alone.manifest.policy is None
    whole = load_artifact(small_artifact)
    assert alone.cascade.version != whole.cascade.version
    [same] = [s for s in whole.cascade.stages if s.name == name]
    texts = ["forest fire", "my mixtape is fire"]
    assert np.array_equal(stage.classifier.predict_proba(texts), same.classifier.predict_proba(texts))


def test_a_rate_leaves_out_the_first_moment() -> None:
    """Records of the first moment began before it: counted, they would make a short run look fast."""
    assert rate([1000] * 500 + [1500] * 100 + [2000] * 100) == 200
    assert rate([2000, 1000, 1500]) == 2  # partitions are read one after the other
    assert rate([]) == rate([1000, 1000]) == 0


def test_percentiles_are_latencies_that_some_tweet_had() -> None:
    """A percentile between two tweets would be nobody's, and p99.9 of a few is the worst of them."""
    found = percentiles(list(range(10_001)))
    assert found == {"p50_ms": 5_000, "p95_ms": 9_500, "p99_ms": 9_900, "p999_ms": 9_990}
    assert percentiles([3.0, 1.0, 2.0])["p999_ms"] == 3


def test_arrivals_are_a_poisson_process() -> None:
    """Evenly spaced tweets would hide what waits behind a burst."""
    due = arrivals(1000, 20, seed=1)
    pauses = np.diff(due)
    assert len(due) == 20_000
    assert due[-1] == pytest.approx(20, rel=0.05)
    assert pauses.min() >= 0
    assert pauses.std() == pytest.approx(pauses.mean(), rel=0.05)
    assert np.array_equal(due, arrivals(1000, 20, seed=1))


def test_a_line_tells_how_well_it_fits() -> None:
    """Time in proportion to a backlog is claimed by it."""
    line = fit_line([1, 2, 4], [12, 14, 18])
    assert line == pytest.approx((10, 2, 1))
    assert line.at(10) == pytest.approx(30)
    assert fit_line([1, 2, 3], [1, 5, 1]).r_squared == pytest.approx(0, abs=1e-9)


def test_tweets_have_ids_of_their_own_and_known_truths_come_first() -> None:
    """A label is judged by its id alone, also where the texts have come round again."""
    pool = Pool("three", ["fire", 'a "quoted"\nflood', "tea"], [1, 0])
    records = [(key, json.loads(value)) for key, value in pool.records(5)]
    assert [key for key, _ in records] == [b"0", b"1", b"2", b"3", b"4"]
    assert [tweet["text"] for _, tweet in records] == [*pool.texts, *pool.texts[:2]]
    assert [pool.truth(n) for n in range(5)] == [(0, 1), (1, 0), None, (0, 1), (1, 0)]


def test_the_pool_is_scored_on_kaggles_held_out_tweets(kaggle: Path) -> None:  # noqa: ARG001 (find_dataset looks there)
    """Accuracy on tweets that a model was trained on would say nothing."""
    pool = read_pool()
    assert (len(pool.targets), len(pool.texts)) == (762, 762 + 3263)


def test_a_file_may_have_truths_or_none(tmp_path: Path) -> None:
    """Tweets of one's own can be used, labelled or not."""
    (tmp_path / "plain.csv").write_text("id,text\n1,fire\n2,tea\n")
    (tmp_path / "labelled.csv").write_text("id,text,target\n1,fire,1\n2,tea,0\n")
    assert (read_pool(tmp_path / "plain.csv").texts, read_pool(tmp_path / "plain.csv").targets) == (["fire", "tea"], [])
    assert read_pool(tmp_path / "labelled.csv").targets == [1, 0]


def test_each_text_is_scored_once_and_each_label_counts_as_deferred_or_not() -> None:
    """A fast contender labels a text many times: its accuracy must not be of other tweets than a slow one's."""
    pool = Pool("two", ["fire", "tea", "more"], [1, 0])
    said = [(0, 1, "baseline"), (1, 1, "use"), (3, 1, "baseline"), (2, 1, "baseline")]
    values = [json.dumps({"id": n, "target": target, "stage": stage}).encode() for n, target, stage in said]
    assert score(values, pool, "use") == (0.5, 2, 0.25)
    assert score([b'{"id": 0, "text": "an echo"}'], pool, "use") == (None, 0, None)


def test_json_is_a_list_of_rows_with_the_facts_beside_it(tmp_path: Path) -> None:
    """Whoever reads the figures finds them first, and what they depend on without asking."""
    rows: list[dict[str, object]] = [{"name": "echo", "messages_per_second": 1.5, "accuracy": None}]
    write_json(tmp_path / "out.json", rows, facts(broker="a broker"))
    assert json.loads((tmp_path / "out.json").read_text()) == rows
    beside = json.loads((tmp_path / "out.facts.json").read_text())
    assert beside["broker"] == "a broker"
    assert {"machine", "load", "commit", "kafka-python"} <= beside.keys()


def test_a_file_that_cannot_be_written_is_noticed_before_the_work(tmp_path: Path) -> None:
    """Ten minutes of measuring are not to be lost to a typing mistake."""
    with pytest.raises(SettingError, match="there is no folder"):
        require_writable(tmp_path / "nowhere" / "out.json")


def test_targets_are_judged_by_ratios_of_one_run() -> None:
    """The table must not say met where it is not, nor judge what was not measured."""
    figures = {
        "echo": {"messages_per_second": 10_000.0},
        "baseline": {"messages_per_second": 5_900.0},
        "cascade": {"messages_per_second": 5_000.0, "accuracy": 0.82, "rss_mb": 1100.0, "start_s": 21.0},
        "use": {"messages_per_second": 1_000.0, "accuracy": 0.83},
    }
    assert [(target.claim, target.met) for target in verdicts(figures)] == [
        ("baseline >= 0.6 x echo", False),
        ("cascade >= 5 x use", True),
        ("cascade as accurate as use", False),
        ("a worker's memory <= 1,200 MB", True),
        ("start to the first label <= 20 s", False),
    ]


def test_a_wrong_choice_is_told_with_what_there_is(small_artifact: Path, tmp_path: Path) -> None:
    """A row that does not exist, or cannot run with this artefact, must not end ten minutes later."""
    with pytest.raises(SettingError, match="no row ecko; there are echo, baseline"):
        chosen("ecko,cascade")
    with pytest.raises(SettingError, match="leave it out of --rows"):
        commands(["notebook"], small_artifact, tmp_path)
    with pytest.raises(SettingError, match="--workers: invalid literal"):
        numbers("workers", "1,two")
    assert numbers("backlogs", "") == []


def test_the_default_rows_are_those_that_the_project_is_judged_by() -> None:
    """Others read the JSON by these names."""
    assert DEFAULT == ["echo", "baseline", "cascade", "use", "notebook", "confluent", "quixstreams", "faststream"]
    assert set(DEFAULT) <= CONTENDERS.keys()
