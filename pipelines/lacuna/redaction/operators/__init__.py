"""What takes the place of what was found: placeholders, and texts made unreadable."""
