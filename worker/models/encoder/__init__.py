"""The sentence encoder: tokens, packing, the rows of pieces, engines, and the choice between them."""
