"""Which language a text is read as."""
