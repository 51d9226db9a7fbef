"""The commands of `python -m training`, one module each: `add_parser` says what it takes, `command` does it."""
