"""The commands of `python -m training`, a module each, named by what the command does."""
