"""The worker processes behind the voices of this machine: started when first needed, replaced when they die."""

import contextlib
import json
import os
import queue
import struct
import subprocess
import sys
import threading
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any, NamedTuple

from .faults import Fault, VoiceError

_ROOT = Path(__file__).resolve().parents[__name__.count(".")]


class Answer(NamedTuple):
    """What a worker says to a request."""

    facts: dict[str, Any]
    """What goes with the sound: “rate_hz” and whatever else the engine tells."""
    pcm: bytes
    """16-bit mono samples."""


class Worker:
    """One process that speaks. Not safe for threads: the pool lends it to one at a time."""

    def __init__(self, module: str, *, hang_after_s: float) -> None:
        self._hang_after_s = hang_after_s
        self._module = module
        environment = {name: value for name, value in os.environ.items() if name != "PYTHONSAFEPATH"}
        try:
            self.process = subprocess.Popen(  # noqa: S603 (our own module by our own interpreter)
                [sys.executable, "-m", f"{__package__}.{module}"],
                cwd=_ROOT,
                env=environment,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=subprocess.DEVNULL,
            )
        except OSError as error:
            raise VoiceError(Fault.DID_NOT_START, f"{module} did not start: {error}") from error

    @property
    def is_alive(self) -> bool:
        """Whether the process can still be asked."""
        return self.process.poll() is None

    def ask(self, request: Mapping[str, object]) -> Answer:
        """What the process answers. Raises VoiceError; the worker may be dead afterwards.

        A worker silent for `hang_after_s` is stuck and is killed.
        """
        alarm = threading.Timer(self._hang_after_s, self.process.kill)
        alarm.daemon = True
        alarm.start()
        try:
            answer = self._exchange(json.dumps(request).encode())
        except (OSError, EOFError, ValueError) as error:
            self.kill()
            raise VoiceError(Fault.DIED, f"{self._module} died (exit {self.process.returncode})") from error
        finally:
            alarm.cancel()
        if "error" in answer.facts:
            raise VoiceError(Fault[answer.facts.get("fault", Fault.REFUSED.name)], answer.facts["error"])
        return answer

    def _exchange(self, request: bytes) -> Answer:
        assert self.process.stdin is not None
        self.process.stdin.write(struct.pack("<I", len(request)) + request)
        self.process.stdin.flush()
        facts_length, length = struct.unpack("<II", self._read(8))
        return Answer(json.loads(self._read(facts_length)), self._read(length))

    def _read(self, length: int) -> bytes:
        assert self.process.stdout is not None
        got = self.process.stdout.read(length)
        if len(got) < length:
            raise EOFError
        return got

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
    """Up to `size` workers shared by all threads; one more is started only when the others are busy.

    module: what each of them runs, of this room. hang_after_s: the longest an answer may take.
    """

    def __init__(self, module: str = "espeak_worker", size: int | None = None, *, hang_after_s: float = 20.0) -> None:
        self._module = module
        self.hang_after_s = hang_after_s
        self._places: queue.LifoQueue[Worker | None] = queue.LifoQueue()
        self.size = size or min(4, os.cpu_count() or 1)
        for _ in range(self.size):
            self._places.put(None)
        self._closings = 0

    @contextlib.contextmanager
    def lend(self) -> Iterator[Worker]:
        """A live worker for this thread alone. Waits for one; raises VoiceError if none can be started."""
        worker = self._places.get()
        closings = self._closings
        try:
            if worker is not None and not worker.is_alive:
                worker.close()
                worker = None
            if worker is None:
                worker = Worker(self._module, hang_after_s=self.hang_after_s)
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
