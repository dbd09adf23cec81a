"""The blobs of sound: files named by the SHA-256 of their content, written once, never changed."""

import hashlib
import os
import tempfile
from collections.abc import Iterable, Iterator
from functools import partial
from pathlib import Path

from ..errors import NoSpace
from ..failpoints import failpoint

CHUNK_BYTES = 1 << 16


class BlobStore:
    """A folder of blobs, `ab/cdef….mp3` for content whose hash is abcdef…"""

    def __init__(self, folder: Path, *, suffix: str = ".mp3") -> None:
        self.folder = folder
        self.suffix = suffix

    def path(self, sha256: str) -> Path:
        """Where the blob is or would be."""
        return self.folder / sha256[:2] / f"{sha256[2:]}{self.suffix}"

    def put(self, content: bytes) -> str:
        """Keep the content and return its hash; content that is there already is not written again.

        Written beside its place, synced, renamed: no partial file ever has a final name.
        Raises NoSpace when the disk is full or can not be written.
        """
        sha256 = hashlib.sha256(content).hexdigest()
        half = len(content) // 2
        self._keep(sha256, (content[:half], content[half:]))
        return sha256

    def put_file(self, source: Path) -> str:
        """Keep a copy of a file of any size, a chunk at a time, as `put` does. Raises NoSpace, OSError."""
        with source.open("rb") as file:
            sha256 = hashlib.file_digest(file, "sha256").hexdigest()
            file.seek(0)
            self._keep(sha256, iter(partial(file.read, CHUNK_BYTES), b""))
        return sha256

    def _keep(self, sha256: str, chunks: Iterable[bytes]) -> None:
        path = self.path(sha256)
        if path.exists():
            return
        temporary = None
        try:
            path.parent.mkdir(parents=True, exist_ok=True)
            handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.stem[:8], suffix=".tmp")
            failpoint("blob.opened")
            with os.fdopen(handle, "wb") as file:
                for number, chunk in enumerate(chunks):
                    file.write(chunk)
                    if number == 0:
                        failpoint("blob.half-written")
                file.flush()
                failpoint("blob.before-sync")
                os.fsync(file.fileno())
            failpoint("blob.synced")
            os.replace(temporary, path)
            failpoint("blob.renamed")
            sync_folder(path.parent)
            failpoint("blob.folder-synced")
        except OSError as error:
            if temporary:
                Path(temporary).unlink(missing_ok=True)
            raise NoSpace(str(self.folder)) from error

    def read(self, sha256: str, start: int = 0, length: int | None = None) -> Iterator[bytes]:
        """The bytes from `start`, `length` of them or all, in chunks. Raises FileNotFoundError."""
        with self.path(sha256).open("rb") as file:
            file.seek(start)
            left = length if length is not None else os.fstat(file.fileno()).st_size - start
            while left > 0:
                chunk = file.read(min(CHUNK_BYTES, left))
                if not chunk:
                    raise OSError(f"blob {sha256} ends {left} bytes early")
                left -= len(chunk)
                yield chunk

    def read_checked(self, sha256: str, start: int, length: int) -> Iterator[bytes]:
        """The same range, handed out only when the whole blob still has its hash. Raises OSError.

        A blob is one paragraph, some hundred kilobytes, so it is read at once.
        """
        content = self.path(sha256).read_bytes()
        if hashlib.sha256(content).hexdigest() != sha256 or start + length > len(content):
            raise OSError(f"blob {sha256} is damaged")
        for offset in range(start, start + length, CHUNK_BYTES):
            yield content[offset : min(offset + CHUNK_BYTES, start + length)]

    def is_whole(self, sha256: str) -> bool:
        """Whether the blob is there and its bytes still have its hash."""
        digest = hashlib.sha256()
        try:
            for chunk in self.read(sha256):
                digest.update(chunk)
        except OSError:
            return False
        return digest.hexdigest() == sha256

    def sweep(self) -> int:
        """Remove what a killed process left half-written; return how many. Only at start-up."""
        left = list(self.folder.glob("*/*.tmp"))
        for path in left:
            path.unlink(missing_ok=True)
        return len(left)


def sync_folder(folder: Path) -> None:
    """Make a rename last through a power cut. Windows can not open folders and does not need it."""
    if os.name == "nt":
        return
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
