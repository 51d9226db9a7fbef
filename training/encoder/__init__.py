"""The Universal Sentence Encoder (USE) multilingual: ONNX graphs, quantized and in floats, and a SavedModel."""
