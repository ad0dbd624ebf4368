"""The policy matrix: every operation by every role on everybody's things, marked in every way, against access.md."""
