"""The packed sentence encoder: tokens, packing, floating-point types, traces."""
