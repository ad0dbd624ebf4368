"""Forms: what a page takes from one; what was left blank in it is not asked."""

from typing import Any

from marshmallow import Schema, pre_load


class FormQuery(Schema):
    """The parameters of a page with a form."""

    @pre_load
    def leave_out_blanks(self, asked: Any, **_options: Any) -> dict[str, Any]:
        """Leave out what is blank: a browser sends every field of a form."""
        told = {name: _told(asked[name]) for name in asked}
        return {name: value for name, value in told.items() if value not in ("", [])}


def _told(value: Any) -> Any:
    """A value without spaces around it; of several, those that are not blank."""
    if isinstance(value, list):
        return [told for told in map(_told, value) if told]
    return value.strip() if isinstance(value, str) else value
