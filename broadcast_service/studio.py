"""The studio: everything the services need, built once and handed to them."""

import os
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

from .errors import EngineError, NoSpace
from .settings import Settings
from .speech.voice import Voice
from .storage.blobs import BlobStore
from .storage.database import Database


def system_clock() -> datetime:
    """The one place where the service asks what time it is: aware, UTC."""
    return datetime.now(UTC)


@dataclass(frozen=True, kw_only=True)
class Studio:
    """What an installation consists of. Tests build one in a temporary folder with a stopped clock."""

    settings: Settings
    database: Database
    blobs: BlobStore
    voices: Mapping[str, Voice]
    secret_key: bytes
    """Signs cookies and download addresses."""
    now: Callable[[], datetime] = system_clock

    def voice(self, name: str) -> Voice:
        """The voice of that name. Raises EngineError when none is installed under it."""
        if name not in self.voices:
            raise EngineError(
                f"no voice is called {name!r}",
                retryable=False,
                sentence=f"Giọng “{name}” không còn trong máy này. Hãy cài lại giọng ấy hoặc đổi thứ tự giọng đọc.",
            )
        return self.voices[name]

    @property
    def default_voice(self) -> Voice:
        """The voice new programmes are spoken by."""
        return self.voice(self.settings.voice)

    def close(self) -> None:
        """End voices and connections."""
        for voice in self.voices.values():
            voice.close()
        self.database.close()


def prepare_folders(settings: Settings) -> None:
    """Make the data and audio folders. Raises NoSpace when one can not be made or written."""
    for folder, mode in ((settings.data_dir, 0o700), (settings.audio_dir, 0o755)):
        try:
            folder.mkdir(parents=True, exist_ok=True, mode=mode)
        except OSError as error:
            raise NoSpace(str(folder)) from error
        if not os.access(folder, os.W_OK):
            raise NoSpace(str(folder))


def load_secret_key(data_dir: Path) -> bytes:
    """The installation's secret, made on first start with mode 0600."""
    path = data_dir / "secret.key"
    try:
        handle = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    except FileExistsError:
        return path.read_bytes()
    with os.fdopen(handle, "wb") as file:
        key = secrets.token_bytes(32)
        file.write(key)
        file.flush()
        os.fsync(file.fileno())
    return key


def installed_voices(settings: Settings) -> Mapping[str, Voice]:
    """Every voice of the installation by its name; models that come or go later are seen."""
    from .speech.installed import VOICES_FOLDER, open_voices
    from .speech.manner import Manner

    return open_voices(settings.data_dir / VOICES_FOLDER, manner=Manner(settings.voice_rate, settings.voice_pitch))


def open_studio(
    settings: Settings,
    *,
    voices: Mapping[str, Voice] | None = None,
    now: Callable[[], datetime] = system_clock,
) -> Studio:
    """Build the studio of an installation; makes its folders and secrets if need be.

    The tables are the caller's to migrate (`storage.migrating.migrate`). Raises NoSpace.
    """
    prepare_folders(settings)
    return Studio(
        settings=settings,
        database=Database(settings.resolved_database_url),
        blobs=BlobStore(settings.audio_dir),
        voices=installed_voices(settings) if voices is None else voices,
        secret_key=load_secret_key(settings.data_dir),
        now=now,
    )
