"""Weights of a finder of person names: `finder.npz`, described in the package's README."""
