"""`serve` and `clock`: the service itself."""

import signal
import sys
import threading
import time
from pathlib import Path
from typing import TYPE_CHECKING

import click

from ..errors import Conflict
from ..settings import Settings
from ..storage.locks import Busy, FolderLock
from .console import progress
from .memory import give_back

if TYPE_CHECKING:
    from ..studio import Studio


class AlreadyRunning(Conflict):
    """Another server works on the data folder."""

    def __init__(self, folder: Path, process: str) -> None:
        super().__init__(
            f"Đã có một dịch vụ đang chạy trên thư mục dữ liệu “{folder}” (tiến trình {process or 'không rõ'}). "
            "Hãy dùng trang đang mở, hoặc dừng dịch vụ ấy trước."
        )


@click.command()
@click.option("--port", type=click.IntRange(0, 65535), help="Cổng, thay cho BROADCAST_PORT.")
def serve(port: int | None) -> None:
    """Chạy dịch vụ: trang web, việc tự động và bộ thu giọng đọc."""
    from dataclasses import replace

    give_back()
    settings = Settings.from_env()
    if port is not None:
        settings = replace(settings, port=port)
    with _only_server(settings) as studio:
        from ..web import create_app, serving

        _prepare(studio)
        server = serving.open_server(create_app(studio), studio)
        _announce(studio, server.port)
        background = _Background(studio)
        background.start()
        threading.Thread(target=background.show_progress, daemon=True).start()
        signal.signal(signal.SIGTERM, lambda *_: server.close())
        try:
            server.run()
        except KeyboardInterrupt:
            pass
        finally:
            background.stop()
            server.close()
    click.echo("Dịch vụ đã dừng.", err=True)


@click.command()
def clock() -> None:
    """Chỉ chạy việc tự động và bộ thu giọng đọc, không có trang web."""
    give_back()
    settings = Settings.from_env()
    with _only_server(settings) as studio:
        _prepare(studio)
        background = _Background(studio)
        background.start()
        stopped = threading.Event()
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, lambda *_: stopped.set())
        click.echo("Việc tự động đang chạy. Ctrl+C để dừng.", err=True)
        while not stopped.wait(1):
            pass
        background.stop()


class _only_server:  # noqa: N801  a context manager used as a word
    """The studio, under the lock that keeps a second server off the data folder."""

    def __init__(self, settings: Settings) -> None:
        self._settings = settings

    def __enter__(self) -> "Studio":
        from ..studio import open_studio, prepare_folders

        prepare_folders(self._settings)
        self._lock = FolderLock(self._settings.data_dir / "server.lock")
        try:
            self._lock.acquire()
        except Busy as error:
            raise AlreadyRunning(self._settings.data_dir, self._lock.holder()) from error
        self._studio = open_studio(self._settings)
        return self._studio

    def __exit__(self, *_: object) -> None:
        self._studio.close()
        self._lock.release()


class _Background:
    """Clock and workers together."""

    def __init__(self, studio: "Studio") -> None:
        from ..clock import Clock
        from ..pool import Pool

        self._studio = studio
        self._pool = Pool(studio)
        self._clock = Clock(studio, after=self._pool.ring)

    def start(self) -> None:
        """Begin working and ticking."""
        self._pool.start()
        self._clock.start()

    def stop(self) -> None:
        """End ticking, finish what is being rendered."""
        self._clock.stop()
        self._pool.stop()

    def show_progress(self) -> None:
        """A bar for what waits to be rendered at start, until it is done. Silent without a terminal."""
        from ..services import jobs

        with self._studio.database.reading() as session:
            total = jobs.count_open(session)
        if not total or not sys.stderr.isatty():
            return
        with progress(total, "Đang thu giọng đọc") as bar:
            while bar.n < total:
                time.sleep(0.5)
                with self._studio.database.reading() as session:
                    bar.update(max(0, total - jobs.count_open(session)) - bar.n)


def _prepare(studio: "Studio") -> None:
    from ..services import first_start

    started = time.monotonic()
    mistakes = first_start.prepare(studio, tell=lambda step: click.echo(f"  {step}…", err=True))
    for mistake in mistakes:
        click.echo(f"  Chưa nhập được: {mistake}", err=True)
    click.echo(f"  Xong trong {time.monotonic() - started:.1f} giây.", err=True)


def _announce(studio: "Studio", port: int) -> None:
    from ..services import accounts

    settings = studio.settings
    address = settings.url or f"http://127.0.0.1:{port}"
    click.echo(f"\nTruyền thanh cơ sở đang chạy: {address}")
    if port != settings.port and settings.port:
        click.echo(f"(Cổng {settings.port} đang bận nên dùng cổng {port}.)")
    click.echo(f"Dữ liệu: {settings.data_dir}\nÂm thanh: {settings.audio_dir}")
    with studio.database.transaction() as session:
        if not accounts.has_admin(session):
            token = accounts.invite(session, None, now=studio.now())
            click.echo(
                f"\nĐặt tên và mật khẩu cho người quản trị đầu tiên (một lần, trong 24 giờ):\n{address}/setup/{token}"
            )
    sys.stdout.flush()


COMMANDS = (serve, clock)
