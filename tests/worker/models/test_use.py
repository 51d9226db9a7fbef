"""Feeding the encoder, and what it may not do."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from worker.errors import ArtifactError
from worker.models.tensorflow import tensorflow
from worker.models.text_cleaning import LONGEST_CHARS
from worker.models.use import batches, beginning, load_use, spelled_length


@given(st.lists(st.integers(0, 30_000)))
def test_batches_hold_every_text_once_and_are_bounded(lengths: list[int]) -> None:
    """However long the texts, the memory that a batch takes is that of 64 tweets of 500 characters."""
    found = list(batches(lengths))
    assert sorted(i for rows in found for i in rows) == list(range(len(lengths)))
    for rows in found:
        assert len(rows) <= 64
        assert len(rows) * min(max(lengths[i] for i in rows), LONGEST_CHARS) <= 32_000


@given(st.text(max_size=60).map(lambda text: text * 100) | st.text("\ufdfa\u3300x", min_size=1).map(lambda t: t * 400))
def test_no_text_is_longer_for_the_encoder_than_a_long_one(text: str) -> None:
    """A single character may stand for 18: such texts took five times as long, and twice the memory, of any other."""
    assert spelled_length(beginning(text)) <= LONGEST_CHARS
    assert text.startswith(beginning(text)) or spelled_length(text[:LONGEST_CHARS]) > LONGEST_CHARS


DEEDS: dict[str, Callable[[Any, str], object]] = {
    "WriteFile": lambda tf, path: tf.io.write_file(path, "x"),
    "ReadFile": lambda tf, path: tf.io.read_file(path),
    "PrintV2": lambda tf, path: tf.print("x", output_stream=f"file://{path}"),
    "TextLineDataset": lambda tf, path: next(iter(tf.data.TextLineDataset(path))),
    "EagerPyFunc": lambda tf, path: tf.py_function(lambda: open(path, "w").close(), [], []),
    "head": lambda tf, path: None,  # nothing wrong: it goes on to the head, which is missing
}


@pytest.mark.parametrize("deed", DEEDS)
def test_a_graph_that_reaches_out_is_refused_before_it_is_loaded(deed: str, tmp_path: Path) -> None:
    """The well-known ways by which a SavedModel touches the machine that serves it are noticed before it runs."""
    tf = tensorflow()
    loot = tmp_path / "loot"

    class Encoder(tf.Module):  # type: ignore[misc, name-defined]  # TensorFlow has no types
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])  # type: ignore[untyped-decorator]
        def __call__(self, texts: Any) -> Any:  # noqa: ANN401
            DEEDS[deed](tf, str(loot))
            return tf.zeros([tf.shape(texts)[0], 512])

    tf.saved_model.save(Encoder(), str(tmp_path / "use"))
    with pytest.raises((ArtifactError, ValueError), match=deed):
        load_use({"encoder": tmp_path / "use", "head": tmp_path / "head.keras"})
    assert not loot.exists()


def test_a_folder_without_a_savedmodel_is_told(tmp_path: Path) -> None:
    """The line names the file."""
    with pytest.raises(ArtifactError, match="saved_model.pb is not"):
        load_use({"encoder": tmp_path, "head": tmp_path})
