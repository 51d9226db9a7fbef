"""Train, compare and save models, and choose a cascade of them."""
