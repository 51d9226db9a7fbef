"""Texts by which a worker confirms that an engine computes the encoder rightly."""

from training.data.dataset import SAMPLE, load_dataset, texts_of
from worker.models.text_cleaning import clean

_COUNT = 64


def probe_texts() -> list[str]:
    """Return tweets of the project's sample, which are invented, in several languages; cleaned."""
    texts = texts_of(load_dataset(SAMPLE).labelled)
    return [clean(text) for text in texts[:: len(texts) // _COUNT][:_COUNT]]
