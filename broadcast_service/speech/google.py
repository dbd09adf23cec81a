"""Google Translate's voice by gTTS: used only where a person chose it. The text leaves the house.

The endpoint is unofficial and may answer anything: every answer is checked, and a paragraph comes whole or not at all.
"""

import base64
import binascii
import io
import re
import time
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..domain.waveform import Waveform
from ..errors import EngineError
from . import pauses
from .sentences import sentences

if TYPE_CHECKING:
    import requests

ENDPOINT = "https://translate.google.com/_/TranslateWebserverUi/data/batchexecute"
TIMEOUT_S = (3, 10)
"""To connect, and between two bytes. gTTS's own default waits for ever."""
ANSWER_WITHIN_S = 30
"""For one whole answer, however slowly its bytes drip."""
MAX_CHARS = 100
"""Longest text the endpoint takes at a time."""
MAX_ANSWER_BYTES = 2_000_000
"""A hundred characters are some 60 kB; more is not speech."""

_SOUND = re.compile(rb'jQ1olc","\[\\"([A-Za-z0-9+/=]*)\\"')
_CUTS = (re.compile(r"[,;:–—]\s"), re.compile(r"\s"))


class GttsVoice:
    """The one Vietnamese voice of the endpoint."""

    def __init__(self, *, endpoint: str = ENDPOINT) -> None:
        self._endpoint = endpoint

    @property
    def name(self) -> str:
        """Always “gtts:vi”."""
        return "gtts:vi"

    @cached_property
    def settings(self) -> str:
        """The client's version and our pauses; the far end names no version."""
        from importlib.metadata import version  # slow to load, and seldom needed

        return f"gTTS={version('gTTS')} {pauses.SETTINGS}"

    @property
    def ms_per_syllable(self) -> float:
        """An estimate from common experience; the far end can not be measured without a network."""
        return 235.0

    def speak(self, paragraph: str) -> Waveform:
        """Ask for every sentence in parts of at most MAX_CHARS. Safe for threads: each call connects by itself.

        Raises EngineError: retryable when the network or the far end failed, not when there is nothing to say.
        """
        import requests

        said, rates = [], set()
        wanted = sentences(paragraph)
        with requests.Session() as session:
            for sentence in wanted:
                parts = []
                for part in pack(sentence):
                    pcm, rate_hz = _decode(self._fetch(session, part))
                    rates.add(rate_hz)
                    sound = pauses.trim(pcm, rate_hz)
                    if not sound:
                        raise EngineError(f"gTTS answered silence for {part!r}", retryable=True)
                    parts.append(sound)
                said.append(pauses.silence(pauses.BREATH_MS, rate_hz).join(parts))
        if len(rates) != 1:
            raise EngineError(f"gTTS answered sound at several rates: {sorted(rates)}", retryable=True)
        return pauses.join(said, rates.pop())

    def _fetch(self, session: "requests.Session", part: str) -> bytes:
        """The MP3 of one part. The request is gTTS's; it is sent here because gTTS switches off TLS verification."""
        import requests
        from gtts import gTTS

        request: Any = gTTS(part, lang="vi", lang_check=False)
        deadline = time.monotonic() + ANSWER_WITHIN_S
        body = b""
        try:
            with session.post(
                self._endpoint,
                data=request._package_rpc(part),
                headers=request.GOOGLE_TTS_HEADERS,
                timeout=TIMEOUT_S,
                verify=True,
                stream=True,
                allow_redirects=False,
            ) as answer:
                if answer.status_code != 200:
                    raise EngineError(f"gTTS endpoint answered {answer.status_code}", retryable=True)
                for chunk in answer.iter_content(1 << 14):
                    body += chunk
                    if len(body) > MAX_ANSWER_BYTES or time.monotonic() > deadline:
                        raise EngineError("gTTS answer is too long or too slow", retryable=True)
        except requests.RequestException as error:
            raise EngineError(f"gTTS endpoint can not be reached: {error}", retryable=True) from error
        found = _SOUND.search(body)
        try:
            mp3 = base64.b64decode(found.group(1), validate=True) if found else b""
        except binascii.Error as error:
            raise EngineError("gTTS answer is garbled", retryable=True) from error
        if not mp3:
            raise EngineError(f"gTTS answered {len(body)} bytes without sound", retryable=True)
        return mp3

    def close(self) -> None:
        """Nothing is held between calls."""


def pack(sentence: str) -> list[str]:
    """The sentence in parts of at most MAX_CHARS, cut after a comma if one stands late enough, else at a blank."""
    parts = []
    rest = sentence
    while len(rest) > MAX_CHARS:
        cut = MAX_CHARS
        for pattern in _CUTS:
            ends = [match.end() for match in pattern.finditer(rest, 0, MAX_CHARS + 1)]
            if ends and ends[-1] > MAX_CHARS // 3:
                cut = ends[-1]
                break
        parts.append(rest[:cut].strip())
        rest = rest[cut:].strip()
    return [part for part in [*parts, rest] if any(map(str.isalnum, part))]


def _decode(mp3: bytes) -> tuple[bytes, int]:
    """(mono 16-bit samples, sample rate). Raises EngineError when it is no sound."""
    import soundfile

    try:
        samples, rate_hz = soundfile.read(io.BytesIO(mp3), dtype="int16", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise EngineError(f"gTTS answered {len(mp3)} bytes that are no sound", retryable=True) from error
    if not len(samples):
        raise EngineError("gTTS answered an empty sound", retryable=True)
    return samples[:, 0].tobytes(), int(rate_hz)
