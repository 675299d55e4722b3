"""Weights of a finder of person names, described in the package's README."""

SHA256 = {
    "finder.npz": "fb16942b7930e696baac6556d25a932029c6bc519dd2f3013232c8c643bf75b6",
    "encoder.npz": "358e633a21a131b12cddbd2b273bb891ac62bcf8bd0780997030cb3230ba420f",
}
"""Of each file."""
