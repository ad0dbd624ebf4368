"""PDF: HTML laid out and written by WeasyPrint, which is given what it may load and can load nothing else."""

import os
from collections.abc import Mapping

from weasyprint import HTML
from weasyprint.text.fonts import FontConfiguration
from weasyprint.urls import URLFetcher, URLFetcherResponse

from explorer.assets import kept

SCHEME = "paper:"
# The date that fonts carry once they are cut down to what is used: always the same (reproducible-builds.org).
os.environ.setdefault("SOURCE_DATE_EPOCH", "0")
_LOOKS = kept("papers.css").decode()
_FONTS = {f"{SCHEME}{name}.ttf": ("font/ttf", kept(f"vendor/roboto-latin-{name}.ttf")) for name in ("regular", "bold")}


class Handed(URLFetcher):  # type: ignore[misc]  # WeasyPrint says nothing of its types
    """Gives what was handed over, by name; refuses every address there is, of the network and of this machine."""

    def __init__(self, drawings: Mapping[str, str]) -> None:
        super().__init__(allowed_protocols=(), allow_redirects=False)
        drawn = {f"{SCHEME}{name}": ("image/svg+xml", text.encode()) for name, text in drawings.items()}
        self._there = _FONTS | drawn

    def fetch(self, url: str, headers: object = None) -> URLFetcherResponse:  # noqa: ARG002 - as WeasyPrint calls it
        """What has this name."""
        if url not in self._there:
            raise ValueError("not handed over")
        media_type, content = self._there[url]
        return URLFetcherResponse(url, content, {"Content-Type": media_type})


def write(html: str, drawings: Mapping[str, str]) -> bytes:
    """A tagged PDF of an HTML text and the drawings that it shows; the same bytes each time."""
    fonts, fetcher = FontConfiguration(), Handed(drawings)
    document = HTML(string=html.replace("<style></style>", f"<style>{_LOOKS}</style>", 1), url_fetcher=fetcher)
    written: bytes = document.write_pdf(font_config=fonts, pdf_variant="pdf/ua-1")
    return written
