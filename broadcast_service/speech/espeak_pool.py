"""The worker processes behind the espeak voices: started when first needed, replaced when they die."""

import contextlib
import json
import os
import queue
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path

from ..errors import EngineError

HANG_AFTER_S = 20.0
"""A sentence takes about a millisecond; a worker silent for so long is stuck and is killed."""

_WORKER = f"{__package__}.espeak_worker"
_ROOT = Path(__file__).resolve().parents[__name__.count(".")]


@dataclass(frozen=True, slots=True)
class Request:
    """What a worker is asked for: espeak's name of the voice, its parameters, the text."""

    voice: str
    rate: int
    pitch: int
    volume: int
    text: str


class Worker:
    """One process that speaks. Not safe for threads: the pool lends it to one at a time."""

    def __init__(self) -> None:
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
        try:
            self.process = subprocess.Popen(  # noqa: S603 (our own module by our own interpreter)
                [sys.executable, "-m", _WORKER],
                cwd=_ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise EngineError(f"espeak worker did not start: {error}", retryable=True) from error

    @property
    def is_alive(self) -> bool:
        """Whether the process can still be asked."""
        return self.process.poll() is None

    def speak(self, request: Request) -> tuple[bytes, int]:
        """(16-bit samples, sample rate). Raises EngineError; the worker may be dead afterwards."""
        alarm = threading.Timer(HANG_AFTER_S, self.process.kill)
        alarm.start()
        try:
            rate_hz, payload = self._ask(json.dumps(asdict(request)).encode())
        except (OSError, EOFError, ValueError) as error:
            self.kill()
            raise EngineError(f"espeak worker died (exit {self.process.returncode})", retryable=True) from error
        finally:
            alarm.cancel()
        if rate_hz <= 0:
            raise EngineError(payload.decode(errors="replace"), retryable=False)
        return payload, rate_hz

    def _ask(self, request: bytes) -> tuple[int, bytes]:
        assert self.process.stdin is not None
        assert self.process.stdout is not None
        self.process.stdin.write(struct.pack("<I", len(request)) + request)
        self.process.stdin.flush()
        header = self.process.stdout.read(8)
        if len(header) < 8:
            raise EOFError
        rate_hz, length = struct.unpack("<iI", header)
        payload = self.process.stdout.read(length)
        if len(payload) < length:
            raise EOFError
        return rate_hz, payload

    def kill(self) -> None:
        """End it at once."""
        self.process.kill()
        self.close()

    def close(self) -> None:
        """Let it end by closing its stdin, and wait; kill it if it does not."""
        for pipe in (self.process.stdin, self.process.stdout):
            if pipe is not None:
                with contextlib.suppress(OSError):
                    pipe.close()
        try:
            self.process.wait(2)
        except subprocess.TimeoutExpired:
            self.process.kill()
            self.process.wait()


class WorkerPool:
    """Up to `size` workers shared by all threads; one more is started only when the others are busy."""

    def __init__(self, size: int | None = None) -> None:
        self._places: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        self.size = size or min(4, os.cpu_count() or 1)
        for _ in range(self.size):
            self._places.put(None)
        self._closings = 0

    @contextlib.contextmanager
    def lend(self) -> Iterator[Worker]:
        """A live worker for this thread alone. Waits for one; raises EngineError if none can be started."""
        worker = self._places.get()
        closings = self._closings
        try:
            if worker is not None and not worker.is_alive:
                worker.close()
                worker = None
            if worker is None:
                worker = Worker()
            yield worker
        finally:
            if worker is not None and (closings != self._closings or not worker.is_alive):
                worker.close()
                worker = None
            self._places.put(worker)

    def close(self) -> None:
        """End the idle workers now and the busy ones when they are given back. A later `lend` starts new ones."""
        self._closings += 1
        idle: list[Worker | None] = []
        with contextlib.suppress(queue.Empty):
            while True:
                idle.append(self._places.get_nowait())
        for worker in idle:
            if worker is not None:
                worker.close()
            self._places.put(None)
