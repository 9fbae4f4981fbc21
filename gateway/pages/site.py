"""The web pages: a few files of our own, served from memory under a strict content security policy.

All files are read once, so that no request can name one that is not ours, and each has a validator: a browser asks
whether it changed and is answered without its content. Pages share one frame (``page.html``) and differ by what fills
it. There is no build step and nothing comes from elsewhere.

Refuses: data. Pages get theirs from ``/v1`` like every other program; whoever opens one sees nothing before signing in.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from string import Template
from types import MappingProxyType
from typing import Final

from fastapi import APIRouter, Request, Response

PAGES: Final = ("call", "desk", "wall", "calls", "reports", "quality", "custody")
"""Each is served as ``/name``: the frame that all have in common, filled by ``static/name/name.js``."""

STATIC: Final = Path(__file__).with_name("static")
FRAME: Final = Path(__file__).with_name("page.html")

_TYPES: Final = MappingProxyType(
    {
        ".html": "text/html; charset=utf-8",
        ".js": "text/javascript; charset=utf-8",
        ".css": "text/css; charset=utf-8",
        ".json": "application/json",
        ".svg": "image/svg+xml",
    }
)

_HOST: Final = re.compile(r"[A-Za-z0-9.-]+(:\d{1,5})?|\[[0-9A-Fa-f:]+\](:\d{1,5})?")


@dataclass(frozen=True, slots=True)
class Asset:
    """One file: its content, media type, and the validator that changes with its content (RFC 9110, section 8.8.3)."""

    content: bytes
    media_type: str
    etag: str


def read_assets(folder: Path = STATIC) -> Mapping[str, Asset]:
    """All files below ``folder`` that browsers understand, by their path with slashes."""
    found: dict[str, Asset] = {}
    for path in sorted(folder.rglob("*")):
        if path.is_file() and path.suffix in _TYPES:
            found[path.relative_to(folder).as_posix()] = _asset(path.read_bytes(), path.suffix)
    return MappingProxyType(found)


def read_pages(frame: Path = FRAME) -> Mapping[str, Asset]:
    """Every page by its name."""
    template = Template(frame.read_text(encoding="utf-8"))
    return MappingProxyType({name: _asset(template.substitute(page=name).encode(), ".html") for name in PAGES})


def _asset(content: bytes, suffix: str) -> Asset:
    return Asset(content, _TYPES[suffix], f'"{hashlib.sha256(content).hexdigest()[:24]}"')


def security_headers(host: str, embed_origins: Sequence[str] = ()) -> dict[str, str]:
    """The headers of a page that was asked for at ``host``.

    Scripts, styles, pictures and connections are our own and nothing else; markup is never made of strings (Trusted
    Types). ``embed_origins`` are the origins whose pages may show ours in a frame.
    """
    # Not every browser takes 'self' to mean sockets as well (CSP 3, section 6.7.2.8).
    sockets = f" ws://{host} wss://{host}" if _HOST.fullmatch(host) else ""
    policy = (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        f"connect-src 'self'{sockets}",
        "img-src 'self' data:",
        "media-src 'self' blob:",
        "font-src 'self'",
        "base-uri 'none'",
        "form-action 'self'",
        f"frame-ancestors {' '.join(embed_origins) or chr(39) + 'none' + chr(39)}",
        "require-trusted-types-for 'script'",
        "trusted-types 'none'",
    )
    return {
        "content-security-policy": "; ".join(policy),
        "permissions-policy": "microphone=(self), camera=(), geolocation=(), display-capture=()",
        "cross-origin-opener-policy": "same-origin",
        **_FILE_HEADERS,
    }


_FILE_HEADERS: Final = {
    "x-content-type-options": "nosniff",
    "referrer-policy": "no-referrer",
    "cross-origin-resource-policy": "same-origin",
    "cache-control": "no-cache",
}


def pages_router(embed_origins: Sequence[str] = ()) -> APIRouter:
    """``/name`` for each of ``PAGES``, and ``/static/…``; ``embed_origins`` such as ``https://crm.example`` may show
    the pages in a frame."""
    router = APIRouter(include_in_schema=False)
    assets, pages = read_assets(), read_pages()

    def page(name: str) -> None:
        @router.get(f"/{name}", name=name)
        def show(request: Request) -> Response:
            headers = security_headers(request.headers.get("host", ""), embed_origins)
            return _answer(pages[name], request, headers)

    for name in PAGES:
        page(name)

    @router.get("/static/{path:path}")
    def file(path: str, request: Request) -> Response:
        return _answer(assets.get(path), request, _FILE_HEADERS)

    return router


def _answer(asset: Asset | None, request: Request, headers: Mapping[str, str]) -> Response:
    if asset is None:
        return Response("not found\n", 404, {"x-content-type-options": "nosniff"}, "text/plain")
    said = {**headers, "etag": asset.etag}
    if asset.etag in request.headers.get("if-none-match", ""):
        return Response(status_code=304, headers=said)
    return Response(asset.content, headers={**said, "content-type": asset.media_type})
