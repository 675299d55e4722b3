"""Reads a data map and the tenants from strict YAML, and refuses what does not hold together."""
