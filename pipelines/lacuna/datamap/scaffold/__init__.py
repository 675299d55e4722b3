"""Drafts a data map from a live schema and a few rows of each table."""
