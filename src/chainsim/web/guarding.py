"""What keeps other sites and other machines out: an ASGI layer around the whole page.

The page listens on loopback only, yet any site that the user visits can make the browser send requests there. Against a foreign
name that was pointed at this machine (DNS rebinding) the Host must be a loopback name with our port; against a foreign site
that posts, ``Origin`` and ``Sec-Fetch-Site`` must be our own, and what changes something takes JSON alone, which no form can
send. A link from elsewhere may open the page, nothing more. Bodies are counted as they come.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.exceptions import HTTPException

if TYPE_CHECKING:
    from starlette.types import ASGIApp, Message, Receive, Scope, Send

LARGEST_BODY = 1_000_000
"""Bytes; a plan of a thousand lines has some 50,000."""
LOOPBACK = ("127.0.0.1", "localhost", "[::1]")
_POLICY = (
    b"default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; "
    b"base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)
HEADERS: tuple[tuple[bytes, bytes], ...] = (
    (b"content-security-policy", _POLICY),
    (b"x-content-type-options", b"nosniff"),
    (b"x-frame-options", b"DENY"),
    (b"referrer-policy", b"no-referrer"),
    (b"cross-origin-opener-policy", b"same-origin"),
    (b"cross-origin-resource-policy", b"same-origin"),
)


class Guard:
    """Refuses what does not come from our own page; adds the headers that bind it."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            if scope["type"] == "lifespan":
                await self._app(scope, receive, send)
            return
        refused = _refusal(scope)
        if refused:
            await _answer(send, *refused)
            return
        seen = 0

        async def counted() -> Message:
            nonlocal seen
            message = await receive()
            seen += len(message.get("body", b""))
            if seen > LARGEST_BODY:
                raise HTTPException(413)
            return message

        async def with_headers(message: Message) -> None:
            if message["type"] == "http.response.start":
                message = {**message, "headers": [*message.get("headers", ()), *HEADERS]}
            await send(message)

        await self._app(scope, counted, with_headers)


def _refusal(scope: Scope) -> tuple[int, str] | None:
    headers: dict[bytes, list[bytes]] = {}
    for name, value in scope["headers"]:
        headers.setdefault(name.lower(), []).append(value)
    hosts = headers.get(b"host", [])
    if len(hosts) != 1 or not _is_own(hosts[0].decode("latin-1"), scope):
        return 421, "not a name of this page"
    origins = [value.decode("latin-1") for value in headers.get(b"origin", [])]
    own = f"http://{hosts[0].decode('latin-1')}"
    site = headers.get(b"sec-fetch-site", [b""])[0].decode("latin-1")
    reads = scope["method"] in ("GET", "HEAD")
    if scope["method"] not in ("GET", "HEAD", "POST"):
        return 405, "not a method of this page"
    if any(origin != own for origin in origins):
        return 403, "another site's request"
    if site not in ("", "same-origin", "none"):
        opens = reads and scope["path"] == "/" and headers.get(b"sec-fetch-mode", [b""])[0] == b"navigate"
        if not opens:
            return 403, "another site's request"
    if not reads:
        if not origins and site != "same-origin":
            return 403, "a request of no page"
        kind = headers.get(b"content-type", [b""])[0].split(b";")[0].strip().lower()
        if kind != b"application/json":
            return 415, "JSON only"
    length = headers.get(b"content-length", [b"0"])[0]
    if not length.isdigit() or int(length) > LARGEST_BODY:
        return 413, "too large"
    return None


def _is_own(host: str, scope: Scope) -> bool:
    """Whether ``host`` is a loopback name with the port that we listen on."""
    name, _, port = host.rpartition(":") if not host.endswith("]") else (host, "", "")
    server = scope.get("server")
    ours = server[1] if server else None
    return name.lower() in LOOPBACK and (not ours or (port or "80") == str(ours))


async def _answer(send: Send, status: int, words: str) -> None:
    body = words.encode()
    headers = [(b"content-type", b"text/plain; charset=utf-8"), (b"content-length", str(len(body)).encode()), *HEADERS]
    await send({"type": "http.response.start", "status": status, "headers": headers})
    await send({"type": "http.response.body", "body": body})
