"""Serves the portal's finished pages, which are plain files, to this machine.

The link ``portal/current`` is followed at each request: a new site is served from the moment it
is current. Until the first is built, a page says so in both languages.
"""

from __future__ import annotations

from pathlib import Path

import uvicorn
from starlette.responses import HTMLResponse, Response
from starlette.staticfiles import StaticFiles
from starlette.types import Message, Receive, Scope, Send

#: Files change by being replaced, and nobody should look at yesterday's.
HEADERS = (
    (b"cache-control", b"no-cache"),
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"no-referrer"),
)
NOT_BUILT = """<!doctype html>
<html lang="id"><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<title>Lumbung</title>
<style>body{font:17px/1.5 system-ui,sans-serif;max-width:36em;margin:4em auto;padding:0 1em;
color:#1a1a1a;background:#fff}</style>
<h1>Halaman belum dibuat</h1>
<p>Portal dibuat dari rilis yang berlaku; biasanya selesai dalam beberapa menit. Catatannya ada di
<code>logs/service/portal-build.log</code>.</p>
<div lang="en"><h2>Not built yet</h2>
<p>The portal is made from the current release, which usually takes some minutes. Its log is
<code>logs/service/portal-build.log</code>.</p></div>
</html>
"""


class Site:
    """An ASGI application over a folder that may be exchanged, or not be there yet."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._files = StaticFiles(directory=folder, html=True, check_dir=False)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request; anything but HTTP is no business of ours."""
        if scope["type"] != "http":
            return

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message["headers"] = [*message["headers"], *HEADERS]
            await send(message)

        await self._answer(scope, receive, with_headers)

    async def _answer(self, scope: Scope, receive: Receive, send: Send) -> None:
        from starlette.exceptions import HTTPException

        if not self._folder.is_dir():
            await HTMLResponse(NOT_BUILT, 503, {"retry-after": "30"})(scope, receive, send)
            return
        try:
            await self._files(scope, receive, send)
        except HTTPException as error:
            await Response(error.detail, error.status_code)(scope, receive, send)


def serve(folder: Path, host: str, port: int) -> None:
    """Serve until told to end."""
    uvicorn.run(Site(folder), host=host, port=port, access_log=False, lifespan="off")
