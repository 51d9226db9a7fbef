"""Review: tweets of a stream that a person labels, picked so that training on them gains the most."""
