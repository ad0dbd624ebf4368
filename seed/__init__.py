"""The published data sets, and loading them."""
