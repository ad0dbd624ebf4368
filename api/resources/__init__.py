"""The views: they declare, and ask one question each."""
