"""How the server receives what is sent to it when there is no room to put it down.

waitress keeps a large body in a temporary file. When that disk is full it would hang up, and whoever has sent a
recording would read of a broken network; here the rest is let pass by, and the application answers.
"""

import io
import logging
from typing import Any

from waitress.channel import HTTPChannel
from waitress.parser import HTTPRequestParser

log = logging.getLogger(__name__)

LOST = "HTTP_X_BODY_LOST"
"""In the environment of a request: its body could not be kept. A client that sends this header is believed."""


class _Nowhere:
    """A buffer that keeps nothing."""

    def append(self, data: bytes) -> None:
        """Forget it."""

    def getfile(self) -> io.BytesIO:
        """What was kept."""
        return io.BytesIO()

    def close(self) -> None:
        """Nothing is open."""

    def __len__(self) -> int:
        return 0


class _Parser(HTTPRequestParser):  # type: ignore[misc]
    def received(self, data: bytes) -> int:
        """As the parent's; a body that finds no room is heard out and marked as LOST."""
        try:
            return int(super().received(data))
        except OSError as error:
            log.warning("no room for the body of %s %s: %s", self.command, self.path, error)
            self._close_buffer()
            self.body_rcv.buf = _Nowhere()
            self.headers[LOST.removeprefix("HTTP_")] = "1"
            return int(super().received(data))

    def _close_buffer(self) -> None:
        buffer: Any = self.body_rcv.buf
        try:
            buffer.close()
        except OSError as error:  # what could not be written before can not be written now
            log.info("a temporary file was given up: %s", error)


class Channel(HTTPChannel):  # type: ignore[misc]
    """A connection that survives a full disk."""

    parser_class = _Parser
