"""The HTTP server: waitress, with threads and limits as measured for slow downloads beside pages.

A download to a slow phone holds a thread, so there are more threads than stations that fetch at once.
X-Forwarded-* headers are taken from nobody: behind a proxy the public address comes from BROADCAST_URL alone.
"""

import errno
import ipaddress
import logging
import socket
import time
from typing import Any

from flask import Flask
from waitress import wasyncore
from waitress.server import create_server

from ..errors import Conflict, UserError
from ..services import accounts
from ..studio import Studio
from .receiving import Channel

log = logging.getLogger(__name__)

_PORTS_TRIED = 50
_CONNECTIONS = 400
"""Open connections at most; more wait in the listen queue."""

_SILENCE_S = 120
"""A connection that has not moved a byte for so long is closed: a phone that went out of reach, a slow loris."""

_UNSENT_BYTES = 262_144
"""How far sending may run ahead of a slow phone: a download is noted as finished when so much at most is on the way."""

_LOOK_UP_S = 0.5
"""How soon `close` is noticed while nobody asks for anything."""

_FINISH_S = 3.0

_LONGEST_HEAD_BYTES = 32_768
_LONGEST_BODY_BYTES = 210_000_000
"""What any upload may come to; Flask's own limit for each page is far lower."""


class NobodyInCharge(Conflict):
    """Listening to the network while whoever comes first could become administrator."""

    def __init__(self, host: str) -> None:
        super().__init__(
            f"Chưa mở cho máy khác vào (BROADCAST_HOST={host}) khi chưa có người quản trị. Hãy chạy với "
            "BROADCAST_HOST=127.0.0.1, đặt người quản trị bằng liên kết được in ra, rồi chạy lại."
        )


class NoPort(UserError):
    """No port could be opened."""

    def __init__(self, host: str, port: int, reason: str) -> None:
        super().__init__(
            f"Không mở được cổng {port} ở địa chỉ {host} ({reason}). Hãy chọn cổng khác bằng BROADCAST_PORT, "
            "từ 1024 trở lên."
        )


class Server:
    """A listening server that has not begun to answer."""

    def __init__(self, app: Flask, listening: socket.socket, threads: int) -> None:
        self.port: int = listening.getsockname()[1]
        self._open: dict[int, Any] = {}
        self._waitress = create_server(
            app,
            map=self._open,
            sockets=[listening],
            threads=threads,
            connection_limit=_CONNECTIONS,
            channel_timeout=_SILENCE_S,
            cleanup_interval=15,
            max_request_header_size=_LONGEST_HEAD_BYTES,
            max_request_body_size=_LONGEST_BODY_BYTES,
            inbuf_overflow=1_048_576,
            outbuf_overflow=1_048_576,
            outbuf_high_watermark=_UNSENT_BYTES,
            ident=None,
            expose_tracebacks=False,
            clear_untrusted_proxy_headers=True,
        )
        self._waitress.channel_class = Channel
        self._is_running = False
        self._is_closing = False

    def run(self) -> None:
        """Answer until `close` is called, from a signal or another thread, or Ctrl+C is pressed.

        waitress's own loop would go on for as long as a browser keeps its connection open.
        """
        self._is_running = True
        try:
            while not self._is_closing:
                wasyncore.loop(timeout=_LOOK_UP_S, use_poll=True, map=self._open, count=1)
            self._finish_answers()
        finally:
            self._shut()

    def close(self) -> None:
        """Stop: answers get a few seconds, long downloads are cut and can go on later. Harmless twice."""
        self._is_closing = True
        if not self._is_running:
            self._shut()

    def _finish_answers(self) -> None:
        until = time.monotonic() + _FINISH_S
        while time.monotonic() < until and any(getattr(channel, "requests", ()) for channel in self._open.values()):
            wasyncore.loop(timeout=0.1, use_poll=True, map=self._open, count=1)

    def _shut(self) -> None:
        wasyncore.close_all(self._open, ignore_all=True)
        self._waitress.task_dispatcher.shutdown(timeout=2)


def open_server(app: Flask, studio: Studio) -> Server:
    """Listen on the installation's host and on its port or the next free one; port 0 takes any.

    Raises NobodyInCharge for an address others can reach while no administrator exists, NoPort.
    """
    settings = studio.settings
    if not is_loopback(settings.host):
        with studio.database.reading() as session:
            if not accounts.has_admin(session):
                raise NobodyInCharge(settings.host)
    return Server(app, _listen(settings.host, settings.port), settings.threads)


def is_loopback(host: str) -> bool:
    """Whether only this machine can reach the address."""
    if host == "localhost":
        return True
    try:
        return ipaddress.ip_address(host).is_loopback
    except ValueError:
        return False


def _listen(host: str, first: int) -> socket.socket:
    last = min(65_535, first + _PORTS_TRIED) if first else 0
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    for port in range(first, last + 1):
        listening = socket.socket(family, socket.SOCK_STREAM)
        try:
            if not hasattr(socket, "SO_EXCLUSIVEADDRUSE"):  # on Windows it would share the port
                listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            listening.bind((host, port))
            listening.listen(1024)
        except OSError as error:
            listening.close()
            if error.errno != errno.EADDRINUSE:
                raise NoPort(host, port, error.strerror or str(error)) from error
        else:
            return listening
    raise NoPort(host, first, "các cổng kế tiếp đều bận")
