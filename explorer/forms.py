"""Forms: what a page takes from one; a browser sends every field of a form, and what was left blank is not asked."""

from collections.abc import Mapping
from typing import Any

from marshmallow import Schema, pre_load


class FilledQuery(Schema):
    """The parameters of a page: a field that was left empty asks for nothing."""

    @staticmethod
    def read(part: str) -> str:
        """What was sent in a field, as it is taken."""
        return part

    @pre_load
    def leave_out_blanks(self, sent: Mapping[str, Any], **_options: Any) -> dict[str, Any]:
        """Only what was filled in."""
        given = {name: self._read_all(sent[name]) for name in sent}
        return {name: value for name, value in given.items() if value}

    def _read_all(self, value: Any) -> Any:
        """What was sent under a name; of several, those that are not blank."""
        return list(filter(None, map(self.read, value))) if isinstance(value, list) else self.read(value)


class FormQuery(FilledQuery):
    """The parameters of a page that people type into: spaces around them are not meant."""

    @staticmethod
    def read(part: str) -> str:
        """What was typed, without the spaces around it."""
        return part.strip()
