"""What came back from the far end of gTTS: speech, or one of the many things that are not."""

import base64
import binascii
import io
import re
import time
from collections.abc import Mapping
from email.utils import parsedate_to_datetime

from ..domain.timing import count_syllables
from . import pauses
from .faults import Fault, VoiceError

_SOUND = re.compile(rb'jQ1olc","\[\\"([A-Za-z0-9+/=]*)\\"')
_NO_SOUND = re.compile(rb'jQ1olc",(?:null|"\[\]|"\[null)')
_PAGE = re.compile(rb"\s*(?:<!doctype|<html|<head|<\?xml|<meta|<script)", re.IGNORECASE)

LEAST_MS_PER_SYLLABLE = 90
"""Nobody speaks faster; what is shorter was cut off on its way."""


def check_status(status: int, headers: Mapping[str, str]) -> None:
    """Raise VoiceError for every status but 200."""
    detail = f"gTTS endpoint answered {status}"
    if status == 429:
        raise VoiceError(Fault.TOO_MANY, detail, retry_after_s=retry_after_s(headers.get("Retry-After", "")))
    if status == 511 or 300 <= status < 400:
        raise VoiceError(Fault.PORTAL, detail)
    if status >= 500:
        raise VoiceError(Fault.FAR_END_BROKEN, detail, retry_after_s=retry_after_s(headers.get("Retry-After", "")))
    if status != 200:
        raise VoiceError(Fault.FORBIDDEN, detail)


def retry_after_s(header: str) -> float | None:
    """The seconds of a Retry-After header, given as a number or as a date (RFC 9110, 10.2.3); None if neither."""
    if header.strip().isdecimal():
        return float(header)
    try:
        return max(0.0, parsedate_to_datetime(header).timestamp() - time.time())
    except (ValueError, OverflowError):
        return None


def sound_of(body: bytes) -> bytes:
    """The MP3 in an answer of status 200. Raises VoiceError when there is none."""
    found = _SOUND.search(body)
    if found is None:
        if not body.strip() or _NO_SOUND.search(body):
            raise VoiceError(Fault.EMPTY, f"gTTS answered {len(body)} bytes without sound")
        if _PAGE.match(body):
            raise VoiceError(Fault.PORTAL, f"gTTS answered a page of {len(body)} bytes")
        fault = Fault.TRUNCATED if b"jQ1olc" in body else Fault.GARBLED
        raise VoiceError(fault, f"gTTS answered {len(body)} bytes that hold no whole sound")
    try:
        mp3 = base64.b64decode(found.group(1), validate=True)
    except binascii.Error as error:
        raise VoiceError(Fault.GARBLED, "gTTS answer is garbled") from error
    if not mp3:
        raise VoiceError(Fault.EMPTY, "gTTS answered a sound of 0 bytes")
    return mp3


def decode(mp3: bytes, text: str) -> tuple[bytes, int]:
    """(mono 16-bit samples without silence around, sample rate). Raises VoiceError when it can not be the text."""
    import soundfile

    try:
        samples, rate_hz = soundfile.read(io.BytesIO(mp3), dtype="int16", always_2d=True)
    except soundfile.LibsndfileError as error:
        raise VoiceError(Fault.GARBLED, f"gTTS answered {len(mp3)} bytes that are no sound") from error
    sound, _ = pauses.trim(samples[:, 0].tobytes(), int(rate_hz))
    if not sound:
        raise VoiceError(Fault.EMPTY, f"gTTS answered silence for {text!r}")
    length_ms = len(sound) * 500 / rate_hz
    if length_ms < LEAST_MS_PER_SYLLABLE * count_syllables(text):
        raise VoiceError(Fault.TRUNCATED, f"gTTS answered {length_ms:.0f} ms for {text!r}")
    return sound, int(rate_hz)
