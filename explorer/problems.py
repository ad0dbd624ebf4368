"""Problems as pages: what was wrong, for whoever asked for a page; programs are told it as problem+json."""

import orjson
from flask import Flask, Response, request

from api.problems import MEDIA_TYPE, PROBLEMS
from explorer.declaring import POLICY
from explorer.rendering import fill


def show_problems(app: Flask) -> None:
    """Show a problem as a page where the reader prefers one, outside of the API."""

    @app.after_request
    def _shown(response: Response) -> Response:
        if response.mimetype != MEDIA_TYPE or request.path.startswith("/api/v1") or not prefers_pages():
            return response
        problem = orjson.loads(response.get_data())
        remedy = PROBLEMS[problem["type"].rpartition("/")[2]].remedy
        asked = request.args.items(multi=True)
        told = {"problem": problem, "remedy": remedy, "section": "", "reader": None}
        response.set_data(fill("problem.html", request.path, asked, **told))
        response.content_type = "text/html; charset=utf-8"
        response.headers["Content-Security-Policy"] = POLICY
        return response


def prefers_pages() -> bool:
    """Whether who asks would rather have a page than JSON, as browsers say."""
    best = request.accept_mimetypes.best_match(["application/json", "text/html"], default="application/json")
    return bool(best == "text/html")
