"""The nouns of Lacuna: frozen values without input or output."""
