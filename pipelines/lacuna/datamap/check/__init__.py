"""Compares a data map with the live schema and the files, both ways."""
