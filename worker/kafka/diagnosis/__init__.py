"""What went wrong between a client and its broker, in the words of settings and rights."""
