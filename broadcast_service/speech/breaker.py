"""A voice that fails is left alone for a while: nobody waits for it, and it is not pestered."""

import json
import os
import threading
import time
from collections.abc import Callable
from dataclasses import asdict, dataclass, replace
from datetime import UTC, datetime
from pathlib import Path

from .faults import Fault, VoiceError
from .voice import READY, VoiceState

FAILURES = 3
"""So many in a row open it."""
REST_S = 600.0
"""The first rest; each one after a failed trial is twice as long."""
LONGEST_REST_S = 3_600.0
LONGEST_RETRY_AFTER_S = 86_400.0
"""A far end may ask for more patience than we have by ourselves, but not for ever."""
_TRIAL_S = 60.0
"""A trial that was not heard of for so long was killed; another may be made."""
_AT_ONCE = {Fault.TOO_MANY, Fault.FORBIDDEN, Fault.INTERCEPTED}
"""No second look is needed for these."""


@dataclass
class _Record:
    failures: int = 0
    rests: int = 0
    open_until: float = 0.0
    trial_until: float = 0.0
    fault: str = ""


class Breaker:
    """Closed, it lets every request pass; open, none; when its rest is over, one as a trial that closes or reopens it.

    path: a small file that the processes of an installation share and that outlives them; None: kept in memory.
    clock: seconds since 1970. Safe for threads.
    """

    def __init__(self, path: Path | None = None, *, clock: Callable[[], float] = time.time) -> None:
        self._path = path
        self._clock = clock
        self._kept = _Record()
        self._lock = threading.Lock()

    def admit(self) -> None:
        """Let a request pass, or raise VoiceError with what has failed before and the seconds that are left."""
        with self._lock:
            record, now = self._read(), self._clock()
            if not record.open_until:
                return
            wait_s = max(record.open_until, record.trial_until) - now
            if wait_s > 0:
                raise VoiceError(
                    Fault.RESTING,
                    f"resting for {wait_s:.0f} s after {record.fault}",
                    retry_after_s=wait_s,
                    why=_why(record),
                )
            record.trial_until = now + _TRIAL_S
            self._write(record)

    def let_try(self) -> None:
        """End the rest now: the next request passes as a trial. Nothing happens to a closed one."""
        with self._lock:
            record = self._read()
            if record.open_until:
                self._write(replace(record, open_until=min(record.open_until, self._clock()), trial_until=0.0))

    def succeeded(self) -> None:
        """A request went well: closed again."""
        with self._lock:
            if self._read() != _Record():
                self._write(_Record())

    def failed(self, error: VoiceError) -> None:
        """A request failed: open when it was one too many, a trial, or of a kind that needs no second look."""
        with self._lock:
            record = self._read()
            record.failures += 1
            if record.open_until or record.failures >= FAILURES or error.fault in _AT_ONCE:
                rest_s = min(REST_S * 2**record.rests, LONGEST_REST_S)
                asked_s = min(error.retry_after_s or 0.0, LONGEST_RETRY_AFTER_S)
                record.rests = min(record.rests + 1, 10)
                record.open_until = self._clock() + max(rest_s, asked_s)
                record.fault = error.fault.name
            record.trial_until = 0.0
            self._write(record)

    @property
    def state(self) -> VoiceState:
        """For a list of voices and for pages."""
        with self._lock:
            record, now = self._read(), self._clock()
        if not record.open_until:
            return READY
        why = _why(record)
        until = datetime.fromtimestamp(record.open_until, UTC)
        if record.open_until <= now:
            return VoiceState(is_ready=True, sentence=f"sẽ thử lại ở lần thu tới. {why}", until=until)
        return VoiceState(is_ready=False, sentence=why, until=until)

    def _read(self) -> _Record:
        """What is remembered; moments no rest reaches are over, for the clock was wrong when they were written."""
        record, now = self._load(), self._clock()
        if record.open_until > now + LONGEST_RETRY_AFTER_S:
            record = replace(record, open_until=now)
        return replace(record, trial_until=0.0) if record.trial_until > now + _TRIAL_S else record

    def _load(self) -> _Record:
        if self._path is None:
            return self._kept
        try:
            return _Record(**json.loads(self._path.read_bytes()))
        except (OSError, ValueError, TypeError):  # never written, could not be, or not by us
            return self._kept

    def _write(self, record: _Record) -> None:
        self._kept = record
        if self._path is None:
            return
        temporary = self._path.with_name(f"{self._path.name}.{os.getpid()}.tmp")
        try:
            self._path.parent.mkdir(exist_ok=True)
            temporary.write_text(json.dumps(asdict(record)))
            os.replace(temporary, self._path)
        except OSError:  # a full disk must not hide what the voice has to say
            temporary.unlink(missing_ok=True)


def _why(record: _Record) -> str:
    """What has failed, as a sentence."""
    return (Fault[record.fault] if record.fault in Fault.__members__ else Fault.FAR_END_BROKEN).sentence
