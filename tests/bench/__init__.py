"""Tests of the measurements: what is measured is a sound database, and the same each time."""
