"""As if a programme were large: more is there than is judged at once, and a page has no time for a second look."""

import pytest

from models.queries import stretches


def as_if_large(patch: pytest.MonkeyPatch, stretch: int) -> None:
    """Let more than three things make a programme large, and a stretch be so many of them (one more for all of it)."""
    for name, size in (("SMALL", 3), ("STRETCH", stretch), ("LONG_STRETCH", stretch + 1), ("LOOKING_MS", 0)):
        patch.setattr(stretches, name, size)
