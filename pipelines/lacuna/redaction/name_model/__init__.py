"""The finder of names in all languages: how it cuts texts, what it knows of words, what it finds."""
