"""Presidio's analysis of texts: all recognizers of a language over one reading of them."""
