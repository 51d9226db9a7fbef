"""The Universal Sentence Encoder (USE) multilingual as a TensorFlow SavedModel."""
