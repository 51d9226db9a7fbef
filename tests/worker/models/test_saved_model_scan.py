"""Scan of SavedModels for unsafe operations."""

from collections.abc import Callable
from pathlib import Path

import pytest

from worker.errors import ArtifactError
from worker.models.tensorflow import Tensor, TensorFlow, tensorflow
from worker.models.use import EncoderCache, load_use

UNSAFE_CALLS: dict[str, Callable[[TensorFlow, str], object]] = {
    "WriteFile": lambda tf, path: tf.io.write_file(path, "x"),
    "ReadFile": lambda tf, path: tf.io.read_file(path),
    "PrintV2": lambda tf, path: tf.print("x", output_stream=f"file://{path}"),
    "TextLineDataset": lambda tf, path: next(iter(tf.data.TextLineDataset(path))),
    "EagerPyFunc": lambda tf, path: tf.py_function(lambda: open(path, "w").close(), [], []),
    "head": lambda tf, path: None,  # safe: loading goes on to the head, which is missing
}


@pytest.mark.parametrize("call", UNSAFE_CALLS)
def test_a_graph_that_reaches_outside_is_refused_before_it_is_loaded(call: str, tmp_path: Path) -> None:
    """A SavedModel that reads or writes files or calls Python is refused before it runs."""
    tf = tensorflow()
    target = tmp_path / "target"

    class Encoder(tf.Module):  # type: ignore[misc, name-defined]  # TensorFlow has no types
        @tf.function(input_signature=[tf.TensorSpec([None], tf.string)])  # type: ignore[untyped-decorator]
        def __call__(self, texts: Tensor) -> Tensor:
            UNSAFE_CALLS[call](tf, str(target))
            return tf.zeros([tf.shape(texts)[0], 512])

    tf.saved_model.save(Encoder(), str(tmp_path / "use"))
    with pytest.raises((ArtifactError, ValueError), match=call):
        load_use({"encoder": tmp_path / "use", "head": tmp_path / "head.onnx"}, EncoderCache())
    assert not target.exists()


def test_a_folder_without_a_saved_model_is_refused(tmp_path: Path) -> None:
    """The message names the missing file."""
    with pytest.raises(ArtifactError, match="saved_model.pb is not"):
        load_use({"encoder": tmp_path, "head": tmp_path}, EncoderCache())
