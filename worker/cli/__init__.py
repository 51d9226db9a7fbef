"""What the command lines share: help, errors, progress bars, files of tweets."""
