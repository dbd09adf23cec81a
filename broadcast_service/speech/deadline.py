"""A request that ends at its deadline, whatever it is at: its handshake, its headers or its body.

The timeouts of requests are for one read each: a far end that sends a byte at a time holds it for ever.
"""

import contextlib
import socket
import threading
import time
from collections.abc import Iterator
from typing import Any

import requests
import urllib3
from requests.adapters import HTTPAdapter


class CutAdapter(HTTPAdapter):
    """For a session that asks one thing at a time: cuts its connection when the time is up."""

    def __init__(self) -> None:
        self._line: socket.socket | None = None
        self._ends_at = float("inf")
        super().__init__()

    @contextlib.contextmanager
    def within(self, seconds: float) -> Iterator[None]:
        """Whatever is asked meanwhile fails once so many seconds have passed, and as requests.Timeout."""
        self._ends_at = time.monotonic() + seconds
        timer = threading.Timer(seconds, self._cut)
        timer.daemon = True
        timer.start()
        try:
            yield
            if time.monotonic() >= self._ends_at:  # headers that were cut look as if they had ended
                raise requests.Timeout(f"no whole answer within {seconds} s")
        except (requests.RequestException, urllib3.exceptions.HTTPError) as error:
            if isinstance(error, requests.Timeout) or time.monotonic() < self._ends_at:
                raise
            raise requests.Timeout(f"no whole answer within {seconds} s") from error
        finally:
            timer.cancel()
            self._ends_at = float("inf")

    def get_connection_with_tls_context(self, *args: Any, **more: Any) -> urllib3.HTTPConnectionPool:
        """The pool of a host, whose connections are known from the moment they stand."""
        pool = super().get_connection_with_tls_context(*args, **more)
        adapter, kind = self, pool.ConnectionCls

        class Known(kind):  # type: ignore[misc,valid-type]
            def _new_conn(self) -> socket.socket:
                line: socket.socket = super()._new_conn()
                adapter._know(line)
                return line

        if kind.__name__ != Known.__name__:
            pool.ConnectionCls = Known
        return pool

    def close(self) -> None:
        """Forget the connection, too."""
        super().close()
        self._forget()

    def _know(self, line: socket.socket) -> None:
        """Keep a second handle: TLS takes the first one for itself."""
        self._forget()
        self._line = line.dup()
        if time.monotonic() >= self._ends_at:
            self._cut()

    def _cut(self) -> None:
        if self._line is not None:
            with contextlib.suppress(OSError):  # it may be gone by itself
                self._line.shutdown(socket.SHUT_RDWR)

    def _forget(self) -> None:
        if self._line is not None:
            self._line.close()
            self._line = None
