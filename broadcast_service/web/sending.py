"""Sending a splice: sizes, validators and byte ranges, so that a broken download goes on where it stopped.

Source: RFC 9110, sections 13 (conditional requests) and 14 (ranges).
"""

import logging
import re
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from flask import Response, request
from sqlalchemy.exc import SQLAlchemyError

from ..domain.splice import BlobRange, ReadBlob, Splice
from ..errors import BroadcastError, EngineError
from . import door

log = logging.getLogger(__name__)

_FINAL = "private, max-age=86400, immutable"
_RANGE = re.compile(r"bytes=\s*(\d{0,18})\s*-\s*(\d{0,18})\s*", re.IGNORECASE)


@dataclass(frozen=True)
class _Span:
    """Bytes `start` up to but not including `end`."""

    start: int
    end: int


def send_splice(
    splice: Splice,
    *,
    content_type: str,
    download_name: str | None = None,
    is_final: bool = False,
    on_complete: Callable[[], None] | None = None,
) -> Response:
    """Answer with a splice or the range of it that was asked for.

    download_name: offered to whoever saves it, made plain ASCII; None: shown or played in place.
    is_final: this address never gets other bytes, so whoever has them need not ask again for a day.
    on_complete: called once the last byte of the file was handed over, also at the end of a resumed download;
    never for HEAD, nor when the client went away. It runs outside the request: take what it needs along.
    Several ranges at once are answered with the whole file. Blobs are checked against their hash as they
    are sent: when one is damaged the connection breaks, and never are other bytes delivered. Raises
    EngineError, before anything is sent, when a blob is gone.
    """
    blobs, etag, size = door.studio().blobs, splice.etag, splice.size
    headers = {
        "ETag": f'"{etag}"',
        "Accept-Ranges": "bytes",
        "Cache-Control": _FINAL if is_final else "private, no-cache",
    }
    if request.if_none_match.contains_weak(etag):
        return Response(status=304, headers=headers)
    if download_name is not None:
        headers["Content-Disposition"] = f'attachment; filename="{ascii_name(download_name)}"'
    for part in splice.parts:
        if isinstance(part, BlobRange) and not blobs.path(part.blob).exists():
            raise EngineError(f"blob {part.blob} is gone", retryable=True)
    status, span = 200, _Span(0, size)
    if request.headers.get("If-Range", f'"{etag}"').strip() == f'"{etag}"':
        status, span = _asked_span(request.headers.get("Range", ""), size)
    if status == 416:
        headers["Content-Range"] = f"bytes */{size}"
        return Response(status=416, headers=headers)
    if status == 206:
        headers["Content-Range"] = f"bytes {span.start}-{span.end - 1}/{size}"
    headers["Content-Length"] = str(span.end - span.start)
    body: Iterator[bytes] = iter(())
    if request.method != "HEAD":
        reaches_end = on_complete if span.end == size else None
        body = _stream(splice, blobs.read_checked, span, reaches_end)
    return Response(body, status, headers, content_type=content_type, direct_passthrough=True)


def ascii_name(name: str) -> str:
    """A file name that no header and no system stumbles over: letters, digits, dot, hyphen, underscore."""
    plain = re.sub(r"[^A-Za-z0-9._-]+", "-", name.rpartition("/")[2].rpartition("\\")[2])
    return plain.strip(".-")[:100] or "tep"


def _asked_span(header: str, size: int) -> tuple[int, _Span]:
    """Status and range: 206 for one range; 200 and the whole for what is not understood; 416 outside the file."""
    match, whole, outside = _RANGE.fullmatch(header.strip()), _Span(0, size), _Span(0, 0)
    if match is None or not any(match.groups()):
        return 200, whole
    first, last = match.groups()
    if not first:
        return (206, _Span(max(0, size - int(last)), size)) if int(last) and size else (416, outside)
    if last and int(last) < int(first):
        return 200, whole
    if int(first) >= size:
        return 416, outside
    return 206, _Span(int(first), min(int(last) + 1, size) if last else size)


def _stream(
    splice: Splice, read_blob: ReadBlob, span: _Span, on_complete: Callable[[], None] | None
) -> Iterator[bytes]:
    yield from splice.read(read_blob, span.start, span.end)
    if on_complete is not None:
        try:
            on_complete()
        except (SQLAlchemyError, BroadcastError, OSError, RuntimeError):
            log.exception("a finished download could not be noted")
