"""Pages: which there are, and how a browser asks for them."""

import inspect
import re
from typing import Any

from flask import Flask

from api.access import Permission
from api.publishing import Published
from api.settings import Settings
from explorer.app import create_app
from explorer.declaring import POLICY

# What a browser sends when somebody follows a link.
BROWSER = {"Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,image/avif,image/webp,*/*;q=0.8"}


def pages_of(app: Flask) -> list[Published]:
    """Every page of an application, in the order of registration."""
    views: dict[str, Any] = dict(app.view_functions)
    return [
        Published(
            view.__name__,
            rule.endpoint.partition(".")[0],
            re.sub(r"<\w+:", "<", rule.rule),
            view.declared,
            inspect.getdoc(view) or "",
        )
        for rule in app.url_map.iter_rules()
        for view in [views[rule.endpoint]]
        if "GET" in (rule.methods or ())
        and ("Content-Security-Policy", POLICY) in view.declared.returns.formats[0].headers
    ]


def data_pages_of(app: Flask) -> list[Published]:
    """Every page that shows what its reader may see of the record."""
    return [page for page in pages_of(app) if page.declared.permission != Permission.OPEN]


PAGES = pages_of(create_app(Settings("sqlite:///never-opened.db", "test")))
EXAMPLES = [page.declared.example for page in PAGES]
