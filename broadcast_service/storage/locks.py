"""Locks between processes: one server a data folder, one writer at a time."""

import os
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

if sys.platform == "win32":
    import msvcrt

    def _take(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_NBLCK, 1)

    def _release(file: IO[bytes]) -> None:
        file.seek(0)
        msvcrt.locking(file.fileno(), msvcrt.LK_UNLCK, 1)

else:
    import fcntl

    def _take(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)

    def _release(file: IO[bytes]) -> None:
        fcntl.flock(file, fcntl.LOCK_UN)


class Busy(Exception):
    """Another process holds the lock."""


class FolderLock:
    """Held for as long as a server runs on a data folder; the system frees it when the process dies."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self._file: IO[bytes] | None = None

    def acquire(self) -> None:
        """Take it or raise Busy at once. The holder's process id stands in the file beside it."""
        file = self.path.open("a+b")
        try:
            _take(file)
        except OSError as error:
            file.close()
            raise Busy(str(self.path)) from error
        self._file = file
        self._pid_path.write_text(str(os.getpid()))

    def release(self) -> None:
        """Give it up. Harmless if it was not held."""
        if self._file:
            _release(self._file)
            self._file.close()
            self._file = None

    def holder(self) -> str:
        """The process id of whoever took it last, or an empty string."""
        try:
            return self._pid_path.read_text()
        except OSError:
            return ""

    @property
    def _pid_path(self) -> Path:
        return self.path.with_suffix(".pid")


class WriterLock:
    """One writing transaction at a time, among the threads of this process and among processes.

    SQLite's own waiting is unfair (seconds at eight writers) and older releases can damage the
    write-ahead log when two connections write at once; a queue in front cures both.
    """

    def __init__(self, path: Path, *, patience_s: float = 30.0) -> None:
        self._path = path
        self._patience_s = patience_s
        self._threads = threading.Lock()
        self._mine = threading.local()
        self._file: IO[bytes] | None = None

    @contextmanager
    def held(self) -> Iterator[None]:
        """Wait for the turn and keep it for the block. Raises Busy when nobody lets go.

        Raises RuntimeError if this thread holds it already: that transaction would wait for itself.
        """
        if getattr(self._mine, "held", False):
            raise RuntimeError("a writing transaction was opened inside another one")
        if not self._threads.acquire(timeout=self._patience_s):
            raise Busy(str(self._path))
        self._mine.held = True
        try:
            self._wait_for_other_processes()
            try:
                yield
            finally:
                assert self._file is not None
                _release(self._file)
        finally:
            self._mine.held = False
            self._threads.release()

    def _wait_for_other_processes(self) -> None:
        if self._file is None:
            self._file = self._path.open("a+b")
        deadline = time.monotonic() + self._patience_s
        while True:
            try:
                return _take(self._file)
            except OSError as error:
                if time.monotonic() > deadline:
                    raise Busy(str(self._path)) from error
                time.sleep(0.005)
