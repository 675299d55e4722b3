"""Classes of letters that `re` has no name for."""

UPPER = "[" + "".join(letter for code in range(0x530) if (letter := chr(code)).isupper()) + "]"
"""A capital letter, as a part of a pattern: Latin, Greek or Cyrillic."""
