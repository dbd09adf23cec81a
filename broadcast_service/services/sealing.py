"""Sums that nobody has asked for yet: the SHA-256 of whole broadcasts, and the texts that tell it.

Packing knows every byte of a whole broadcast, but hashing it takes longer than all the rest, and most packages are
superseded before anybody fetches them. So its SHA-256 is worked out when a manifest, a list of sums or a ZIP is; the
layout keeps a place of the same length, and the bytes are the same every time.
"""

import hashlib
import re
import zlib
from collections.abc import Iterable, Mapping
from typing import Any

from ..domain.splice import ReadBlob, Splice
from ..formats.archive import measure

_LENGTH = 64
"""Of a SHA-256 in hexadecimal digits."""
_PLACE = re.compile(rb"<sha256 of [\w.-]{1,40}>\.*")
_KNOWN: dict[str, str] = {}
"""SHA-256 by ETag, for files alike are asked for again and again."""
_MOST_KNOWN = 10_000


def place_of_sum(name: str) -> str:
    """What stands in a text where the SHA-256 of a file will stand."""
    return f"<sha256 of {name}>".ljust(_LENGTH, ".")


def waits_for_sums(text: bytes) -> bool:
    """Does the text tell a sum that is not worked out yet?"""
    return _PLACE.search(text) is not None


def sealed(files: Iterable[Mapping[str, Any]], read_blob: ReadBlob) -> list[dict[str, Any]]:
    """The files of a layout with all their sums and texts. Raises OSError for a blob that is missing or damaged."""
    found, sums = [dict(file) for file in files], {}
    for file in found:
        if file["sha256"] is None and file["duration_ms"] is not None:
            file["sha256"] = sums[file["name"]] = _sha256(Splice.from_json(file["parts"]), read_blob)
    for file in found:
        if file["sha256"] is None:
            text = b"".join(Splice.from_json(file["parts"]).read(read_blob))
            for name, sha256 in sums.items():
                text = text.replace(place_of_sum(name).encode(), sha256.encode())
            file["parts"] = Splice([text]).to_json()
            file["sha256"] = sums[file["name"]] = hashlib.sha256(text).hexdigest()
            file["crc32"] = zlib.crc32(text)
    return found


def _sha256(content: Splice, read_blob: ReadBlob) -> str:
    etag = content.etag
    if etag not in _KNOWN:
        sha256 = measure(content, read_blob).sha256
        if len(_KNOWN) >= _MOST_KNOWN:
            _KNOWN.pop(next(iter(_KNOWN)), None)
        _KNOWN[etag] = sha256
    return _KNOWN[etag]
