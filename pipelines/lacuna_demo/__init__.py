"""What tries Lacuna out: a sample platform, a PostgreSQL of its own, an attack on a scratch sample."""
