"""Our way: a head and ranges of stored pieces. argv: folder of parts, file to write, or “-” to plan only."""

import json
import os.path
import sys
from collections.abc import Iterator

if __name__ == "__main__":
    sys.path.insert(0, os.path.join(os.path.dirname(__file__), *[os.pardir] * 2))

from broadcast_service.audio.programme import head
from broadcast_service.domain.splice import BlobRange, Splice


def plan(rows: list[list[object]]) -> Splice:
    """The programme laid out: rows are (name, bytes, frames, title), as they stand in the database."""
    chapters, frames = [], 0
    for _, _, count, title in rows:
        chapters.append((frames, frames + count, title))
        frames += count
    front = head(frames, sum(size for _, size, _, _ in rows), title="Chương trình", chapters=chapters)
    return Splice([front, *(BlobRange(name, 0, size) for name, size, _, _ in rows)])


def assemble(folder: str, out: str) -> None:
    def read_blob(name: str, start: int, length: int) -> Iterator[bytes]:
        with open(f"{folder}/{name}", "rb", buffering=0) as file:
            file.seek(start)
            while length > 0:
                chunk = file.read(min(length, 1 << 18))
                length -= len(chunk)
                yield chunk

    with open(f"{folder}/index.json", encoding="utf-8") as file:
        splice = plan(json.load(file))
    if out == "-":
        assert splice.etag
        return
    with open(out, "wb", buffering=0) as file:
        for chunk in splice.read(read_blob):
            file.write(chunk)


if __name__ == "__main__":
    assemble(sys.argv[1], sys.argv[2])
