"""Stands for the processes behind a voice: writes down what they are asked to say, and hums."""

import contextlib
from array import array
from collections.abc import Iterator, Mapping
from typing import Any, cast

from broadcast_service.speech.workers import Answer, WorkerPool

RATE_HZ = 22_050


class Scribe:
    """A pool and its one worker in one; `asked` are the texts, in order."""

    def __init__(self) -> None:
        self.asked: list[str] = []

    @contextlib.contextmanager
    def lend(self) -> Iterator["Scribe"]:
        yield self

    def ask(self, request: Mapping[str, Any]) -> Answer:
        self.asked.append(request["text"])
        return Answer({"rate_hz": RATE_HZ, "words": []}, array("h", [9_000, -9_000] * (RATE_HZ // 10)).tobytes())

    @property
    def pool(self) -> WorkerPool:
        return cast(WorkerPool, self)
