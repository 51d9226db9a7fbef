"""The main loop: poll, decode, classify, encode, publish, commit."""
