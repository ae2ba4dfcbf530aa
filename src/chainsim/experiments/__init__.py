"""Experiments: many runs of one scenario, varied by design and by chance, and what they say together."""
