"""Sentence encoders of others: a folder with an ONNX graph and a `tokenizer.json`."""
