"""Measurements: each a command that prints ratios within one run, because machines are noisy."""
