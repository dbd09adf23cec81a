"""The workers in the serving process: threads that claim jobs from the table and do them."""

import logging
import os
import socket
import threading
import traceback
from collections.abc import Callable
from datetime import date, timedelta
from typing import NamedTuple

from .errors import BroadcastError, EngineError, NoSpace
from .failpoints import failpoint
from .services import encodings, jobs, packages, profiles, renditions, rereading, sound_checks
from .studio import Studio

log = logging.getLogger(__name__)

IDLE_S = 2.0
"""How long an idle worker sleeps before it looks again without being rung."""


def run_one(studio: Studio, *, owner: str, kind: str | None = None, tend: "Tender | None" = None) -> bool:
    """Claim the most urgent job, do it and write down how it went; False when nothing was due.

    kind: only jobs of this kind. An error of the work ends in the job's row, never here; only what is
    wrong with the database itself gets out.
    """
    with studio.database.transaction() as session:
        claim = jobs.claim(session, owner=owner, now=studio.now(), kind=kind)
    if claim is None:
        return False
    failpoint("job.claimed")
    if tend:
        tend.watch(claim)
    try:
        failure = _attempt(studio, claim)
    finally:
        if tend:
            tend.leave(claim)
    failpoint("job.done")
    with studio.database.transaction() as session:
        if failure is None:
            jobs.finish(session, claim, now=studio.now())
        elif failure.wait is not None:
            jobs.postpone(session, claim, failure.text, until=studio.now() + failure.wait)
        elif jobs.fail(session, claim, failure.text, now=studio.now(), retryable=failure.is_retryable):
            is_last = not failure.is_retryable or claim.attempt > len(jobs.BACKOFF)
            if is_last and claim.kind == jobs.RENDER:
                told = failure.sentence or failure.text
                renditions.mark_failed(session, int(claim.subject), told, now=studio.now())
            elif is_last and claim.kind == jobs.ENCODE:
                encodings.mark_failed(session, claim.subject, failure.sentence or failure.text)
        failpoint("job.before-commit")
    failpoint("job.committed")
    return True


class _Failure(NamedTuple):
    """Why work could not be done."""

    text: str
    """For the job's row."""
    is_retryable: bool
    sentence: str = ""
    """For a person, where there is another than the text."""
    wait: timedelta | None = None
    """How long to wait, when that is known."""


def _attempt(studio: Studio, claim: jobs.Claim) -> _Failure | None:
    """Do the work; None if it went well."""
    try:
        _WORK[claim.kind](studio, claim.subject)
    except EngineError as error:
        log.warning("job %s (%s %s) failed: %s", claim.job_id, claim.kind, claim.subject, error)
        wait = timedelta(seconds=error.retry_after_s) if error.retryable and error.retry_after_s else None
        return _Failure(str(error), error.retryable, error.sentence, wait)
    except NoSpace as error:
        log.warning("job %s (%s %s) failed: %s", claim.job_id, claim.kind, claim.subject, error)
        return _Failure(str(error), is_retryable=True)
    except BroadcastError as error:
        return _Failure(str(error), is_retryable=False)
    except Exception:  # the outermost door of a worker: a bug must not end the thread
        log.exception("job %s (%s %s) crashed", claim.job_id, claim.kind, claim.subject)
        return _Failure(traceback.format_exc(limit=3), is_retryable=True, sentence=jobs.CRASHED)
    return None


def _render(studio: Studio, subject: str) -> None:
    renditions.render(studio, int(subject))
    profiles.prepare_rendition(studio, int(subject))


def _package(studio: Studio, subject: str) -> None:
    code, day = subject.split("/")
    packages.make_package(studio, code, date.fromisoformat(day))


def _reread(studio: Studio, subject: str) -> None:
    rereading.refresh(studio, int(subject))


def _listen(studio: Studio, subject: str) -> None:
    while sound_checks.listen_to_old(studio):
        pass


def _encode(studio: Studio, subject: str) -> None:
    encodings.make(studio, subject)


_WORK: dict[str, Callable[[Studio, str], None]] = {
    jobs.RENDER: _render,
    jobs.PACKAGE: _package,
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

    def watch(self, claim: jobs.Claim) -> None:
        """Keep this lease alive from now on."""
        with self._lock:
            self._claims.add(claim)

    def leave(self, claim: jobs.Claim) -> None:
        """The work on it has ended."""
        with self._lock:
            self._claims.discard(claim)

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
