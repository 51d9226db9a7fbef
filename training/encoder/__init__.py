"""USE as a TensorFlow SavedModel."""
