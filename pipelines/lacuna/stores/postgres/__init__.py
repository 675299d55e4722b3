"""Lacuna's own schemas and the platform's, over SQLAlchemy and psycopg."""
