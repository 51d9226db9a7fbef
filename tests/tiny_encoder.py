"""A tiny sentence encoder as a model's repository ships it: a graph with random weights and a tokenizer."""

import json
import re
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from onnx import TensorProto
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors

from training.data.dataset import SAMPLE, load_dataset, texts_of
from training.encoder.onnx_nodes import GraphWriter, array

PIECES, WIDTH = 800, 64
INPUTS = ("input_ids", "attention_mask", "token_type_ids")
_SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]")


def write_tiny_encoder(folder: Path, inputs: Sequence[str] = INPUTS, *, dtype: type = np.int64) -> Path:
    """Write an encoder that reads the sample's words; each vector of a piece also knows the mean of its text."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "model.onnx").write_bytes(tiny_graph(inputs, dtype))
    (folder / "tokenizer.json").write_text(tiny_tokenizer().to_str())
    (folder / "config.json").write_text(json.dumps({"max_position_embeddings": 64}))
    return folder


def tiny_graph(inputs: Sequence[str] = INPUTS, dtype: type = np.int64) -> bytes:
    """Return a graph with these inputs, whose only output is `last_hidden_state`, shape (texts, pieces, 64)."""
    draw, graph = np.random.default_rng(0), GraphWriter()
    embedded = graph.add("Gather", graph.constant(draw.normal(size=(PIECES, WIDTH))), inputs[0])
    mask = graph.add("Unsqueeze", graph.add("Cast", inputs[1], to=TensorProto.FLOAT), graph.constant([1], np.int64))
    numbers = graph.add("ReduceSum", mask, graph.constant([2], np.int64))
    mean = graph.add("Div", graph.add("MatMul", mask, embedded), numbers)
    matrix = graph.constant(draw.normal(size=(WIDTH, WIDTH)) / WIDTH**0.5)
    mixed = graph.add("Tanh", graph.add("MatMul", graph.add("Add", embedded, mean), matrix))
    described = [array(name, dtype, ["texts", "pieces"]) for name in inputs]
    return graph.write(described, graph.add("Add", mixed, embedded), "last_hidden_state")


def tiny_tokenizer() -> Tokenizer:
    """Return a tokenizer of word pieces: the sample's most frequent words, and single letters."""
    letters = [chr(code) for code in range(33, 127) if not chr(code).isupper()]
    words = Counter(re.findall(r"[a-z]{2,}", " ".join(texts_of(load_dataset(SAMPLE).labelled)).lower()))
    names = [*_SPECIAL, *letters, *(f"##{letter}" for letter in letters), *(word for word, _ in words.most_common())]
    tokenizer = Tokenizer(
        models.WordPiece(vocab={name: n for n, name in enumerate(names[:PIECES])}, unk_token=_SPECIAL[1])
    )
    tokenizer.normalizer = normalizers.BertNormalizer()
    tokenizer.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
    tokenizer.post_processor = processors.BertProcessing(("[SEP]", 3), ("[CLS]", 2))
    return tokenizer
