"""The workers in the serving process: threads that claim jobs from the table and do them."""

import logging
import os
import socket
import threading
import traceback
from collections.abc import Callable, Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import NamedTuple

from .errors import BroadcastError, EngineError, NoSpace
from .failpoints import failpoint
from .services import encodings, jobs, packages, profiles, renditions, rereading, sound_checks
from .studio import Studio

log = logging.getLogger(__name__)

IDLE_S = 2.0
"""How long an idle worker sleeps before it looks again without being rung."""

_LEAST_TOGETHER = 25
"""Fewer packages than this are not shared out among workers: each would load the same sound."""


def run_one(studio: Studio, *, owner: str, kind: str | None = None, tend: "Tender | None" = None) -> bool:
    """Claim the most urgent job, do it and write down how it went; False when nothing was due.

    Packages are made together with others that wait. kind: only jobs of this kind. An error of the work ends in the
    job's row, never here; only what is wrong with the database itself gets out.
    """
    claims = _claim(studio, owner, kind)
    if not claims:
        return False
    failpoint("job.claimed")
    if tend:
        tend.watch(claims)
    try:
        failures = _attempt(studio, claims)
    finally:
        if tend:
            tend.leave(claims)
    failpoint("job.done")
    _write_down(studio, claims, failures)
    failpoint("job.committed")
    return True


def _claim(studio: Studio, owner: str, kind: str | None) -> list[jobs.Claim]:
    """What one worker does next: one job, or of packages its share of those that wait."""
    with studio.database.transaction() as session:
        now = studio.now()
        first = jobs.claim(session, owner=owner, now=now, kind=kind)
        if first is None:
            return []
        if first.kind != jobs.PACKAGE:
            return [first]
        share = -(-jobs.count_open(session, kind=first.kind) // studio.settings.workers)
        together = min(packages.TOGETHER, max(_LEAST_TOGETHER, share))
        return [first, *jobs.claim_more(session, first, owner=owner, now=now, most=together - 1)]


def _write_down(studio: Studio, claims: Sequence[jobs.Claim], failures: "Mapping[jobs.Claim, _Failure]") -> None:
    """How each of them went."""
    with studio.database.transaction() as session:
        now = studio.now()
        for claim in claims:
            failure = failures.get(claim)
            if failure is None:
                jobs.finish(session, claim, now=now)
                continue
            told = failure.sentence or failure.text
            if failure.wait is not None:
                is_mine = jobs.postpone(session, claim, failure.text, until=now + failure.wait)
            else:
                is_mine = jobs.fail(session, claim, failure.text, now=now, retryable=failure.is_retryable)
            if not is_mine:
                continue
            is_last = failure.wait is None and (not failure.is_retryable or claim.attempt > len(jobs.BACKOFF))
            if claim.kind == jobs.RENDER and is_last:
                renditions.mark_failed(session, int(claim.subject), told, now=now)
            elif claim.kind == jobs.RENDER:
                renditions.note_failed_try(session, int(claim.subject), told)
            elif claim.kind == jobs.ENCODE and is_last:
                encodings.mark_failed(session, claim.subject, told)
        failpoint("job.before-commit")


class _Failure(NamedTuple):
    """Why work could not be done."""

    text: str
    """For the job's row."""
    is_retryable: bool
    sentence: str = ""
    """For a person, where there is another than the text."""
    wait: timedelta | None = None
    """How long to wait, when that is known."""


def _attempt(studio: Studio, claims: Sequence[jobs.Claim]) -> dict[jobs.Claim, _Failure]:
    """Do the work; what of it failed."""
    first = claims[0]
    try:
        if first.kind == jobs.PACKAGE:
            failed = _package(studio, claims)
        else:
            _WORK[first.kind](studio, first.subject)
            failed = {}
    except BroadcastError as error:
        failed = dict.fromkeys(claims, error)
    except Exception:  # the outermost door of a worker: a bug must not end the thread
        log.exception("job %s (%s %s) and %s more crashed", first.job_id, first.kind, first.subject, len(claims) - 1)
        return dict.fromkeys(claims, _Failure(traceback.format_exc(limit=3), is_retryable=True, sentence=jobs.CRASHED))
    return {claim: _failure_of(claim, error) for claim, error in failed.items()}


def _failure_of(claim: jobs.Claim, error: BroadcastError) -> _Failure:
    if isinstance(error, EngineError | NoSpace):
        log.warning("job %s (%s %s) failed: %s", claim.job_id, claim.kind, claim.subject, error)
    if isinstance(error, EngineError):
        wait = timedelta(seconds=error.retry_after_s) if error.retryable and error.retry_after_s else None
        return _Failure(str(error), error.retryable, error.sentence, wait)
    return _Failure(str(error), is_retryable=isinstance(error, NoSpace))


def _render(studio: Studio, subject: str) -> None:
    renditions.render(studio, int(subject))
    profiles.prepare_rendition(studio, int(subject))


def _package(studio: Studio, claims: Sequence[jobs.Claim]) -> dict[jobs.Claim, BroadcastError]:
    """Make the packages together; what became of those that could not be made."""
    days = {}
    for claim in claims:
        code, day = claim.subject.split("/")
        days[claim] = code, date.fromisoformat(day)
    made = packages.make_packages(studio, days.values())
    return {claim: error for claim, day in days.items() if isinstance(error := made[day], BroadcastError)}


def _reread(studio: Studio, subject: str) -> None:
    rereading.refresh(studio, int(subject))


def _listen(studio: Studio, subject: str) -> None:
    while sound_checks.listen_to_old(studio):
        pass


def _encode(studio: Studio, subject: str) -> None:
    encodings.make(studio, subject)


_WORK: dict[str, Callable[[Studio, str], None]] = {
    jobs.RENDER: _render,
    jobs.REREAD: _reread,
    jobs.LISTEN: _listen,
    jobs.ENCODE: _encode,
}


class Tender:
    """Prolongs the leases of the jobs that are being done, from a thread of its own."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self._claims: set[jobs.Claim] = set()
        self._lock = threading.Lock()
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._run, name="tender", daemon=True)

    def start(self) -> None:
        """Begin to beat."""
        self._thread.start()

    def stop(self) -> None:
        """End the thread."""
        self._stop.set()

    def watch(self, claims: Iterable[jobs.Claim]) -> None:
        """Keep these leases alive from now on."""
        with self._lock:
            self._claims.update(claims)

    def leave(self, claims: Iterable[jobs.Claim]) -> None:
        """The work on them has ended."""
        with self._lock:
            self._claims.difference_update(claims)

    def _run(self) -> None:
        while not self._stop.wait(jobs.HEARTBEAT.total_seconds()):
            with self._lock:
                claims = list(self._claims)
            if claims:
                with self._studio.database.transaction() as session:
                    for claim in claims:
                        jobs.heartbeat(session, claim, now=self._studio.now())


class Pool:
    """As many worker threads as the settings say. `ring()` wakes them; they also look by themselves."""

    def __init__(self, studio: Studio, *, workers: int | None = None) -> None:
        self._studio = studio
        self._stop = threading.Event()
        self._bell = threading.Condition()
        self._tender = Tender(studio)
        owner = f"{socket.gethostname()}:{os.getpid()}"
        self._threads = [
            threading.Thread(target=self._work, args=(f"{owner}:{n}",), name=f"worker-{n}", daemon=True)
            for n in range(workers or studio.settings.workers)
        ]

    def start(self) -> None:
        """Start working."""
        self._tender.start()
        for thread in self._threads:
            thread.start()

    def ring(self) -> None:
        """There may be work: wake the idle workers."""
        with self._bell:
            self._bell.notify_all()

    def stop(self, *, patience_s: float = 10.0) -> None:
        """Finish what is being done, take nothing new. What takes longer is found again by its lease."""
        self._stop.set()
        self.ring()
        for thread in self._threads:
            if thread.is_alive():
                thread.join(patience_s)
        self._tender.stop()

    def _work(self, owner: str) -> None:
        while not self._stop.is_set():
            try:
                busy = run_one(self._studio, owner=owner, tend=self._tender)
            except Exception:  # the database is away: say so and look again
                log.exception("a worker could not reach the database")
                busy = False
            if not busy:
                with self._bell:
                    self._bell.wait(IDLE_S)
