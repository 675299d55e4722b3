"""The fast path: what decides whether a recognizer runs, and spaCy's name finder without spaCy's time."""
