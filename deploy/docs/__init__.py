"""Documents written from the code."""
