"""The service with its pages: the API, and the explorer above it."""

from flask import Blueprint, Flask

from api.app import create_app as create_api
from api.settings import Settings
from explorer.assets import serve_assets
from explorer.compressing import compressed
from explorer.letting_in import let_readers_in
from explorer.problems import show_problems
from explorer.views import (
    about,
    action_plan,
    changes,
    evidence,
    gaps,
    links,
    matrix,
    matrix_paper,
    overview,
    papers,
    recommendations,
    search,
    session,
    sources,
)

VIEWS = (
    overview,
    recommendations,
    evidence,
    sources,
    links,
    action_plan,
    matrix,
    gaps,
    changes,
    search,
    about,
    session,
    papers,
    matrix_paper,
)


def create_app(settings: Settings) -> Flask:
    """An application that serves the database of these settings to programs and to people."""
    assets = Blueprint("assets", __name__)
    serve_assets(assets)
    app = create_api(settings, (assets, *(view.blueprint for view in VIEWS)))
    show_problems(app)
    let_readers_in(app, {view.blueprint.name for view in VIEWS})
    app.wsgi_app = compressed(app.wsgi_app)  # type: ignore[method-assign]  # as Flask says
    return app
