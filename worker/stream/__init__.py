"""The main loop: poll, decode, classify, publish, commit."""
