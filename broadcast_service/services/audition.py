"""A few words heard at once in a voice of the installation; nothing of it is stored.

Speaking takes a moment: have no transaction open.
"""

import re

from ..domain.plain_text import clean
from ..domain.scripts import paragraphs
from ..domain.waveform import Waveform
from ..errors import Invalid
from ..speech.manner import Manner
from ..speech.voice import Voice
from ..storage.tables import Script
from ..studio import Studio
from . import lexicon, manners, voice_orders
from .recordings import HUMAN
from .renditions import piece_key
from .revisions import get_script

LONGEST = 200
"""Characters of what is sent in."""

_LONGEST_SPOKEN = 800
"""Characters after reading aloud: numbers become several times as long. About a minute of speech."""

_SENTENCE_END = re.compile(r"(?<=[.!?…])\s+")

_REMEMBERED = 32
"""Sounds kept at hand, 8 kB for each second: a browser asks for one file in several ranges, and no voice says the
same thing twice in the same bytes."""

_heard: dict[str, bytes] = {}
"""MP3 files by the key of their piece, the oldest first."""


def hear(studio: Studio, text: str, voice: str | None = None, *, manner: Manner | None = None) -> bytes:
    """The spoken words as an MP3 file with its head; voice: its name, the installation's by default.

    manner: another speed and pitch than the voice has. Raises Invalid when there is nothing to say or too much, or the
    voice has no such choice; EngineError when the voice can not.
    """
    spoken = _checked(text, _LONGEST_SPOKEN)
    speaker = manners.tuned(studio.voice(voice or studio.settings.voice), manner)
    key = piece_key(speaker, spoken)
    sound = _heard.get(key)
    if sound is None:
        sound = _heard[key] = encoded(speaker.speak(spoken), title=spoken)
        for oldest in list(_heard)[:-_REMEMBERED]:
            _heard.pop(oldest, None)
    return sound


def voice_for(studio: Studio, name: str = "", *, script_id: int | None = None) -> str:
    """The voice to hear words in: the named one, else the installation's, or one that keeps an internal script here.

    Raises Invalid for a voice there is not, Forbidden for one that would send an internal script away, NotFound.
    """
    chosen = choose_voice(studio, name or studio.settings.voice)
    if script_id is None or not chosen.leaves_the_house:
        return chosen.name
    with studio.database.reading() as session:
        script = get_script(session, script_id)
        if not script.is_internal:
            return chosen.name
        if name:
            voice_orders.require_discreet(chosen, internal=True)
        order = voice_orders.order_for(session, studio, None, script)
    return choose_voice(studio, next((each for each in order if each != HUMAN), "")).name


def sentences_to_try(script: Script, *, most: int = 40) -> list[str]:
    """Written sentences of a script that `said` takes, each once; the first ones of a long script."""
    found = (
        sentence.strip()[:LONGEST]
        for paragraph in paragraphs(script.latest.written)
        for line in paragraph.splitlines()
        for sentence in _SENTENCE_END.split(line)
    )
    return list(dict.fromkeys(each for each in found if any(char.isalnum() for char in each)))[:most]


def choose_voice(studio: Studio, name: str) -> Voice:
    """The voice of that name. Raises Invalid with the names there are."""
    if name not in studio.voices:
        raise Invalid(f"Không có giọng đọc “{name[:60]}”. Có các giọng: {', '.join(studio.voices)}.", field="voice")
    return studio.voices[name]


def said(studio: Studio, written: str, *, script_id: int | None = None) -> str:
    """What is said for a few written words, with what the Centre, and the script if one is named, has decided.

    Raises Invalid when there is nothing to read or too much.
    """
    from ..reading import read_aloud  # its dictionaries are loaded by whoever reads

    written = _checked(written, LONGEST)
    with studio.database.reading() as session:
        decided = lexicon.merged(session, script_id=script_id)
    return read_aloud(written, region=studio.settings.region, lexicon=decided).spoken


def checked_spoken(text: str) -> str:
    """The words as `hear` takes them from a person. Raises Invalid when there are none or too many."""
    return _checked(text, LONGEST)


def _checked(text: str, longest: int) -> str:
    if len(text) > 4 * longest:
        raise _too_long(longest)
    text = clean(text)
    if not any(char.isalnum() for char in text):
        raise Invalid("Chưa có lời nào để nghe thử. Hãy ghi lời đọc.", field="spoken")
    if len(text) > longest:
        raise _too_long(longest)
    return text


def _too_long(longest: int) -> Invalid:
    return Invalid(f"Nghe thử được {longest} ký tự mỗi lần. Hãy chọn một câu hoặc vài chữ.", field="spoken")


def encoded(wave: Waveform, *, title: str) -> bytes:
    """What a voice has said, mastered, as an MP3 file with its head."""
    from ..audio.mastering import master  # numpy and soxr are loaded by whoever makes sound
    from ..audio.programme import head

    piece = master(wave)
    return head(piece.frame_count, len(piece.frames), title=title) + piece.frames
