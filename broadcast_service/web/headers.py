"""What every answer carries, so that a browser does nothing on a stranger's word."""

import socket
from urllib.parse import urlsplit

from flask import Flask, Response, request

from ..settings import Settings

CONTENT_SECURITY_POLICY = "; ".join(
    (
        "default-src 'none'",
        "script-src 'self'",
        "style-src 'self'",
        "img-src 'self' data:",
        "media-src 'self'",
        "connect-src 'self'",
        "font-src 'self'",
        "form-action 'self'",
        "base-uri 'none'",
        "frame-ancestors 'none'",
    )
)
_PERMISSIONS = "camera=(), geolocation=(), microphone=(), payment=(), usb=(), browsing-topics=()"
_A_YEAR_S = 31_536_000


def let_record(response: Response) -> Response:
    """Let this one page use the microphone, and play what it has recorded before it is sent."""
    response.headers["Permissions-Policy"] = _PERMISSIONS.replace("microphone=()", "microphone=(self)")
    response.headers["Content-Security-Policy"] = CONTENT_SECURITY_POLICY.replace(
        "media-src 'self'", "media-src 'self' blob:"
    )
    return response


def register(app: Flask, settings: Settings) -> None:
    """Add the headers to every answer, pages and errors alike."""

    @app.after_request
    def add(response: Response) -> Response:
        headers = response.headers
        headers.setdefault("Content-Security-Policy", CONTENT_SECURITY_POLICY)  # a run sheet brings a stricter one
        headers["X-Content-Type-Options"] = "nosniff"
        headers["X-Frame-Options"] = "DENY"
        headers["Referrer-Policy"] = "same-origin"
        headers.setdefault("Permissions-Policy", _PERMISSIONS)
        headers["Cross-Origin-Opener-Policy"] = "same-origin"
        headers["Cross-Origin-Resource-Policy"] = "same-origin"
        if settings.is_https:
            headers["Strict-Transport-Security"] = f"max-age={_A_YEAR_S}; includeSubDomains"
        if request.endpoint in {"static", "bootstrap"} and response.status_code < 400:
            if "v" in request.args:  # the address changes with the content
                headers["Cache-Control"] = f"public, max-age={_A_YEAR_S}, immutable"
        else:
            headers.setdefault("Cache-Control", "no-store")
        return response


def trusted_hosts(settings: Settings) -> frozenset[str]:
    """Host names this installation answers to; a request for another one is refused.

    Addresses: loopback, the address listened on, the host of the public address; and when it listens on
    every address, the machine's own names, since nobody can know by which one it is called.
    """
    hosts = {"127.0.0.1", "localhost", "[::1]"}
    if settings.url:
        hosts.add(_bracketed(urlsplit(settings.url).hostname or ""))
    if settings.host in {"0.0.0.0", "::", ""}:  # noqa: S104  compared, not bound
        hosts.update(_own_names())
    else:
        hosts.add(_bracketed(settings.host))
    return frozenset(host.lower() for host in hosts if host)


def _own_names() -> set[str]:
    name = socket.gethostname()
    try:
        found = socket.getaddrinfo(name, None)
    except OSError:
        return {name}
    addresses = {str(entry[4][0]).partition("%")[0] for entry in found}
    return {name} | {_bracketed(address) for address in addresses}


def _bracketed(host: str) -> str:
    """As it stands in a Host header: IPv6 in square brackets."""
    return f"[{host}]" if ":" in host else host
