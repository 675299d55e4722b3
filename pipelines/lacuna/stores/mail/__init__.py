"""Mailboxes, letters on their way out, and keys of mail domains."""
