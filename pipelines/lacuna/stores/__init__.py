"""The outside: PostgreSQL, objects, mail, keys and the clock, behind the ports."""
