"""NVIDIA GPUs: the driver, and ONNX Runtime's provider on it."""
