"""Measurements: the engine beside stock Presidio, and how well both fit a annotated corpus."""
