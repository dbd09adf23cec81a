"""The child's side of the pipe to a worker process: requests in, answers out, until stdin ends.

Asked on stdin:  u32 length, JSON.
Answers on stdout:  u32 length of the JSON, u32 length of the sound, JSON, 16-bit samples. The JSON holds "rate_hz",
or "error" for the log and perhaps "fault", the name of one of `faults.Fault`. Numbers are little-endian.
Only the standard library is imported, and little of it: the process must be up at once.
"""

import json
import os
import signal
import struct
import sys
from collections.abc import Callable
from typing import Any, BinaryIO

Said = tuple[dict[str, Any], bytes]
"""The facts and the samples of one answer."""


def serve(answer: Callable[[dict[str, Any]], Said]) -> None:
    """Answer until stdin ends. What is said in an OSError is reported; whatever else is raised ends the process."""
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C is the parent's to handle
    out = os.fdopen(os.dup(1), "wb")
    os.dup2(2, 1)  # whatever a library prints must not get between the answers
    while len(header := sys.stdin.buffer.read(4)) == 4:
        request = json.loads(sys.stdin.buffer.read(struct.unpack("<I", header)[0]))
        try:
            facts, pcm = answer(request)
        except OSError as error:
            facts, pcm = {"error": str(error)}, b""
        _send(out, json.dumps(facts).encode(), pcm)


def _send(out: BinaryIO, facts: bytes, pcm: bytes) -> None:
    out.write(struct.pack("<II", len(facts), len(pcm)))
    out.write(facts)
    out.write(pcm)
    out.flush()
