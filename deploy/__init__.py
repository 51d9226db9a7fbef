"""What operators and developers run beside the worker; not installed with it."""
