"""The commands of `python -m worker`, one module each: `add_parser` says what it takes, `command` does it."""
