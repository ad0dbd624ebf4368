"""The migrations of the database, for both engines."""
