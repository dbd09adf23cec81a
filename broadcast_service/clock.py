"""What the service does by itself, and how often. Only this module knows APScheduler.

A tick looks into our own tables for what has fallen due. So a restart loses nothing, and a tick that
was missed is caught up by the next one.
"""

import logging
from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta

from apscheduler.executors.pool import ThreadPoolExecutor
from apscheduler.schedulers.background import BackgroundScheduler

from .services import due
from .studio import Studio

log = logging.getLogger(__name__)


@dataclass(frozen=True)
class Tick:
    """One thing done again and again."""

    name: str
    every: timedelta
    run: Callable[[Studio], object]


TICKS = (
    Tick("materialise broadcasts", timedelta(hours=1), due.materialise),
    Tick("fill the coming days", timedelta(minutes=10), due.fill),
    Tick("settle lengths", timedelta(minutes=1), due.settle),
    Tick("ask for missing renditions", timedelta(minutes=2), due.want_renditions),
    Tick("choose voices", timedelta(seconds=30), due.choose_voices),
    Tick("ask for local readings", timedelta(seconds=15), due.want_readings),
    Tick("ask for listening", timedelta(minutes=1), due.want_listening),
    Tick("ask for packages", timedelta(seconds=15), due.want_packages),
    Tick("mark what was missed", timedelta(minutes=5), due.mark_missed),
    Tick("sweep", timedelta(seconds=15), due.sweep),
)


class Clock:
    """The ticking thread. Two clocks on one database would do everything twice, harmlessly."""

    def __init__(self, studio: Studio, *, after: Callable[[], object] = lambda: None) -> None:
        """after: called when a tick has run, to wake the workers."""
        self._studio = studio
        self._after = after
        self._scheduler = BackgroundScheduler(
            timezone=studio.settings.timezone,
            executors={"default": ThreadPoolExecutor(1)},  # ticks never run side by side
            job_defaults={"coalesce": True, "max_instances": 1, "misfire_grace_time": None},
        )

    def start(self) -> None:
        """Run every tick once, then go on ticking."""
        for tick in TICKS:
            self._scheduler.add_job(
                self._run,
                "interval",
                args=[tick],
                seconds=tick.every.total_seconds(),
                id=tick.name,
                next_run_time=self._studio.now(),
            )
        self._scheduler.start()

    def stop(self) -> None:
        """Let the running tick end, start no more."""
        if self._scheduler.running:
            self._scheduler.shutdown(wait=True)

    def _run(self, tick: Tick) -> None:
        try:
            tick.run(self._studio)
        except Exception:  # the outermost door of the clock: the next tick tries again
            log.exception("tick failed: %s", tick.name)
        self._after()
