"""Weights of a finder of person names: `finder.npz`, described in the package's README."""

SHA256 = "fb16942b7930e696baac6556d25a932029c6bc519dd2f3013232c8c643bf75b6"
"""Of `finder.npz`."""
