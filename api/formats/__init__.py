"""The formats: rows in, bytes out."""
