"""Google Translate's voice by gTTS: used only where a person chose it. The text leaves the house.

The endpoint is unofficial and may answer anything: every answer is checked, and a paragraph comes whole or not at all.
"""

import threading
import time
from collections import OrderedDict
from collections.abc import Callable
from functools import cached_property
from typing import TYPE_CHECKING, Any

from ..domain.waveform import Waveform
from . import pauses
from .breaker import Breaker
from .faults import Fault, VoiceError
from .google_answer import check_status, decode, sound_of
from .sentences import pack, sentences
from .voice import VoiceState

if TYPE_CHECKING:
    import requests

    from .deadline import CutAdapter

ENDPOINT = "https://translate.google.com/_/TranslateWebserverUi/data/batchexecute"
TIMEOUT_S = (3, 10)
"""To connect, and between two bytes. gTTS's own default waits for ever."""
ANSWER_WITHIN_S = 30
"""For one whole answer from the connection on, however slowly its headers or its bytes drip."""
MAX_CHARS = 100
"""Longest text the endpoint takes at a time."""
MAX_ANSWER_BYTES = 2_000_000
"""A hundred characters are some 60 kB; more is not speech."""
GAP_S = 0.25
"""Between an answer and the next request. One request at a time is under way in a process."""
_REMEMBERED = 128
"""Parts kept, some 30 kB each: a paragraph that failed half-way does not ask again for what it had."""


class GttsVoice:
    """The one Vietnamese voice of the endpoint. breaker: leaves it alone for a while when it fails."""

    name = "gtts:vi"
    title = "Giọng Google"
    region = "bac"
    leaves_the_house = True

    def __init__(
        self,
        *,
        endpoint: str = ENDPOINT,
        breaker: Breaker | None = None,
        gap_s: float = GAP_S,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        self._endpoint = endpoint
        self._breaker = breaker or Breaker()
        self._gap_s = gap_s
        self._sleep = sleep
        self._turn = threading.Lock()
        self._session: requests.Session | None = None
        self._line: CutAdapter | None = None
        self._answered_at = 0.0
        self._kept: OrderedDict[str, bytes] = OrderedDict()

    @property
    def state(self) -> VoiceState:
        """Ready, or resting after failures; nothing is asked."""
        return self._breaker.state

    def let_try(self) -> None:
        """Ask again at the next request although the rest is not over; nothing is asked now."""
        self._breaker.let_try()

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
        """Ask for every sentence in parts of at most MAX_CHARS. Safe for threads, which take turns.

        Raises VoiceError: retryable when the network or the far end failed, not when there is nothing to say.
        """
        said, rates = [], set()
        for sentence in sentences(paragraph):
            parts = []
            for part in pack(sentence, MAX_CHARS):
                sound, rate_hz = self._part(part)
                rates.add(rate_hz)
                parts.append(sound)
            said.append(pauses.silence(pauses.BREATH_MS, rate_hz).join(parts))
        if len(rates) != 1:
            raise VoiceError(Fault.GARBLED, f"gTTS answered sound at several rates: {sorted(rates)}")
        return pauses.join(said, rates.pop())

    def _part(self, text: str) -> tuple[bytes, int]:
        """(samples, rate) of one part, from what is kept or from the far end."""
        with self._turn:
            if text in self._kept:
                self._kept.move_to_end(text)
                return decode(self._kept[text], text)
            self._breaker.admit()
            try:
                self._sleep(max(0.0, self._answered_at + self._gap_s - time.monotonic()))
                mp3 = sound_of(self._fetch(text))
                sound = decode(mp3, text)
            except VoiceError as error:
                self._breaker.failed(error)
                raise
            finally:
                self._answered_at = time.monotonic()
            self._breaker.succeeded()
            self._kept[text] = mp3
            if len(self._kept) > _REMEMBERED:
                self._kept.popitem(last=False)
            return sound

    def _fetch(self, part: str) -> bytes:
        """The body of the answer. The request is gTTS's; it is sent here because gTTS switches off TLS verification."""
        import requests
        import urllib3
        from gtts import gTTS

        request: Any = gTTS(part, lang="vi", lang_check=False)
        session, line = self._connected()
        body = bytearray()
        try:
            with (
                line.within(ANSWER_WITHIN_S),
                session.post(
                    self._endpoint,
                    data=request._package_rpc(part),
                    headers=request.GOOGLE_TTS_HEADERS,
                    timeout=TIMEOUT_S,
                    stream=True,
                    allow_redirects=False,
                ) as answer,
            ):
                check_status(answer.status_code, answer.headers)
                while chunk := answer.raw.read1(1 << 14, decode_content=True):  # what has come: it may drip
                    body += chunk
                    if len(body) > MAX_ANSWER_BYTES:
                        raise VoiceError(Fault.GARBLED, "gTTS answer is too long")
        except requests.exceptions.SSLError as error:
            raise VoiceError(Fault.INTERCEPTED, f"gTTS endpoint is not who it should be: {error}") from error
        except (requests.Timeout, urllib3.exceptions.TimeoutError) as error:
            raise VoiceError(Fault.NO_ANSWER, f"gTTS endpoint does not answer: {error}") from error
        except urllib3.exceptions.HTTPError as error:
            raise VoiceError(Fault.TRUNCATED, f"gTTS answer broke off: {error}") from error
        except requests.RequestException as error:
            raise VoiceError(Fault.OFFLINE, f"gTTS endpoint can not be reached: {error}") from error
        return bytes(body)

    def _connected(self) -> "tuple[requests.Session, CutAdapter]":
        """The session, with the adapter that all its requests go through."""
        import requests

        from .deadline import CutAdapter

        if self._session is None:
            self._session, self._line = requests.Session(), CutAdapter()
            for scheme in ("https://", "http://"):
                self._session.mount(scheme, self._line)
        assert self._line is not None
        return self._session, self._line

    def close(self) -> None:
        """Close the connection; it is opened again if the voice is used again."""
        with self._turn:
            if self._session is not None:
                self._session.close()
                self._session = None
