"""Foreign words: a table of frequent ones; the rest is read after its letters and asked about."""

import re
import unicodedata
from dataclasses import replace
from functools import cache, lru_cache

from .letters import is_letter, letter_name
from .misspelt import nearest
from .rules import Line, Said
from .syllables import is_syllable
from .tables import columns, pairs

_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]+(?:[-’'][A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]+)*")
_PHRASE = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]+ [A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]+")
_CLOSING_R = re.compile(r"([aeiou]r)(?=[aeiouy])")
_CONSONANTS = {
    "sch": "s",
    "tch": "ch",
    "chr": "cr",
    "ch": "ch",
    "sh": "s",
    "ph": "ph",
    "th": "th",
    "gh": "g",
    "ck": "c",
    "kh": "kh",
    "wh": "qu",
    "qu": "qu",
    "nh": "nh",
    "ng": "ng",
    "c": "c",
    "k": "c",
    "q": "c",
    "f": "ph",
    "j": "gi",
    "w": "v",
    "z": "d",
    "b": "b",
    "d": "đ",
    "g": "g",
    "h": "h",
    "l": "l",
    "m": "m",
    "n": "n",
    "p": "p",
    "r": "r",
    "s": "x",
    "t": "t",
    "v": "v",
    "x": "x",
}
_NUCLEI = {
    "ee": "i",
    "oo": "u",
    "ea": "i",
    "ai": "ây",
    "ay": "ây",
    "ei": "ây",
    "ey": "ây",
    "oa": "ô",
    "ow": "ao",
    "ou": "ao",
    "au": "o",
    "aw": "o",
    "er": "ơ",
    "or": "o",
    "ar": "a",
    "ir": "ơ",
    "ur": "ơ",
    "oi": "oi",
    "oy": "oi",
    "ie": "i",
    "eu": "iu",
    "ew": "iu",
    "ue": "u",
    "ui": "ui",
    "ia": "i-a",
    "io": "i-ô",
    "iu": "i-u",
    "ua": "u-a",
    "uo": "u-ô",
    "eo": "ê-ô",
    "ae": "a-e",
    "ao": "ao",
    "oe": "ô-e",
    "a": "a",
    "e": "e",
    "i": "i",
    "o": "ô",
    "u": "u",
    "y": "i",
}
_FINALS = {
    "m": "m",
    "n": "n",
    "ng": "ng",
    "nh": "nh",
    "p": "p",
    "t": "t",
    "c": "c",
    "k": "c",
    "ck": "c",
    "b": "p",
    "d": "t",
    "g": "c",
    "f": "p",
    "l": "n",
    "s": "t",
    "x": "t",
    "z": "t",
    "ch": "ch",
    "sh": "t",
    "th": "t",
    "ph": "p",
    "v": "p",
    "q": "c",
}
_ACUTE = str.maketrans("aăâeêioôơuưy", "áắấéếíóốớúứý")
_SOUND = re.compile("|".join(sorted({*_CONSONANTS, *_NUCLEI}, key=len, reverse=True)))


_SPOKEN_COLUMNS = {
    "abbreviations": "spoken",
    "foreign": "spoken",
    "units": "spoken",
    "letters": "name",
    "codes": "spoken",
    "currencies": "spoken",
    "context": "spoken",
    "web": "spoken",
    "issuers": "spoken",
    "words": "spoken",
}


@cache
def known_words() -> frozenset[str]:
    """Every word that stands in the spoken column of a table: to be left alone when met in a text."""
    said = [cell for table, header in _SPOKEN_COLUMNS.items() for (cell,) in columns(table, header)]
    return frozenset(re.findall(r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]+", " ".join(said).lower()))


def is_plain(word: str) -> bool:
    """Is this word (letters only) one to be left as it is: a syllable, a single letter, or a word of our own tables?"""
    if len(word) == 1:
        return is_letter(word)
    return is_syllable(word) or word.lower() in known_words()


_JOINED = str.maketrans({"đ": "d", "ß": "ss", "ø": "o", "æ": "e", "œ": "e", "ł": "l", "ı": "i"})


@lru_cache(maxsize=2_000)
def transliterate(word: str) -> str:
    """A foreign word in Vietnamese syllables after its letters, "anderson" → "an-đơ-xôn"; "" if it has none."""
    plain = unicodedata.normalize("NFD", word.lower().translate(_JOINED))
    plain = re.sub(r"(.)\1+", r"\1", "".join(letter for letter in plain if "a" <= letter <= "z"))
    sounds = _SOUND.findall(_CLOSING_R.sub(_close_r, plain[:60]))
    if len(sounds) > 2 and sounds[-1] == "e" and sounds[-2] not in _NUCLEI:
        sounds.pop()
    syllables: list[str] = []
    at = 0
    while at < len(sounds):
        onset = ""
        while at < len(sounds) and sounds[at] not in _NUCLEI:
            if onset:
                syllables.append(_syllable(onset, "ờ", ""))
            onset = _CONSONANTS[sounds[at]]
            at += 1
        if at >= len(sounds):
            if onset:
                syllables.append(_syllable(onset, "ờ", ""))
            break
        nucleus = _NUCLEI[sounds[at]]
        at += 1
        final = ""
        closes = (
            at < len(sounds) and sounds[at] not in _NUCLEI and (at + 1 >= len(sounds) or sounds[at + 1] not in _NUCLEI)
        )
        if closes and "-" not in nucleus and nucleus[-1] in "aeiouôêơ" and len(nucleus) == 1 and sounds[at] in _FINALS:
            final = _FINALS[sounds[at]]
            at += 1
        first, _, second = nucleus.partition("-")
        syllables.append(_syllable(onset, first, final))
        if second:
            syllables.append(_syllable("", second, ""))
    return "-".join(syllable for syllable in syllables if syllable)


_UNMARKED = (
    ("uu", "ưu"),
    ("uye", "uyê"),
    ("ye", "yê"),
    ("ie", "iê"),
    ("uo", "ươ"),
    ("uo", "uô"),
    ("ua", "uâ"),
    ("ue", "uê"),
)


@lru_cache(maxsize=2_000)
def unmarked(word: str) -> str:
    """Vietnamese written without its marks, said as the nearest syllable: "chuong" → "chương"; "" for other words."""
    low = word.lower()
    if not (low.isascii() and len(low) <= 7):
        return ""
    for plain, marked in (("", ""), *_UNMARKED):
        if plain not in low:
            continue
        attempt = low.replace(plain, marked) if plain else low
        last = max((index for index, letter in enumerate(attempt) if letter in "aeiouyêươôâ"), default=-1)
        for toned in (attempt, attempt[:last] + attempt[last:].translate(_ACUTE)):
            if last >= 0 and is_syllable(toned):
                return toned
    return ""


def as_word(token: str) -> str:
    """Letters in capitals said as a word, "OPEC" → "ô-péc"; "" for those that are none."""
    if is_syllable(token):
        return token.lower()
    word = unmarked(token) or transliterate(token)
    return "" if "ờ" in word else word


def _close_r(found: re.Match[str]) -> str:
    """Keeps an r before a vowel apart from the vowel before it, so that only a closing r is swallowed."""
    return f"{found.group(1)[0]}_r"


def _syllable(onset: str, nucleus: str, final: str) -> str:
    if onset == "c" and nucleus[0] in "ieêy":
        onset = "k"
    elif onset in ("g", "ng") and nucleus[0] in "ieêy":
        onset += "h"
    elif onset == "gi" and nucleus[0] == "i":
        onset = "gi"
        nucleus = nucleus[1:] or ""
    elif onset == "qu":
        nucleus = {"u": "y", "ui": "y", "iu": "y"}.get(nucleus, nucleus)
    elif onset == "p":
        onset = "p"
    if final in ("p", "t", "c", "ch"):
        nucleus = nucleus.translate(_ACUTE)
    if final == "c" and nucleus in ("í", "ế"):
        final = "ch"
    if final in ("ng", "nh"):
        final = "nh" if nucleus in ("i", "ê") else "ng"
    whole = onset + nucleus + final
    if is_syllable(whole):
        return whole
    for attempt in (onset + nucleus, onset + nucleus.translate(_ACUTE) + "t", nucleus + final, nucleus):
        if attempt and is_syllable(attempt):
            return attempt
    return ""


def read_word(line: Line, at: int) -> Said | None:
    """A word of letters: left alone, said by the table, or read after its letters and asked about."""
    found = _WORD.match(line.text, at)
    if found is None:
        return None
    word, table = found.group(), pairs("foreign")
    phrase = _PHRASE.match(line.text, at)
    if phrase and (ready := table.get(phrase.group().lower().replace(" ", "-"))):
        whole = [_cased(part, phrase.group().split(" ")[-1]) for part in ready.split(" ")[1:]]
        return Said(phrase.end(), " ".join([_cased(ready.split(" ")[0], word), *whole]), "foreign")
    ready = table.get(word.lower().replace("’", "'"))
    if ready is not None and not (is_syllable(word) and word.lower() not in _ALWAYS):
        return Said(found.end(), _cased(ready, word), "foreign")
    parts = re.split(r"[-’']", word)
    if parts[0] == "H" and len(parts) == 2 and word[1] in "’'":  # a woman's name in the Highlands: "H'Yim"
        rest = _single(parts[1], found.end())
        return replace(rest, spoken=f"Hờ {rest.spoken}", kind="foreign")
    if all(is_plain(part) for part in parts):
        if len(parts) > 1 and parts[0] in ("V", "X"):
            spoken = "-".join([parts[0].lower(), *map(_tidy, parts[1:])])  # no Roman numeral: "X-quang"
            return Said(found.end(), spoken, "letters")
        return Said(found.end(), "-".join(map(_tidy, parts)), "plain")
    if len(parts) > 1:
        part = parts[0]
        end = at + len(part)
        return _single(part, end)
    return _single(word, found.end())


_ALWAYS = frozenset({"video", "photo"})


def _single(word: str, end: int) -> Said:
    ready = pairs("foreign").get(word.lower())
    if ready is not None:
        return Said(end, _cased(ready, word), "foreign")
    if is_plain(word):
        return Said(end, _tidy(word), "plain")
    spoken = _by_its_parts(word) or unmarked(word) or transliterate(word)
    if not spoken:
        return Said(end, "", "dropped", certain=False, question="unreadable")
    likely = [_cased(syllable, word) for syllable in nearest(word) if syllable != spoken]
    letters = " ".join(filter(None, map(letter_name, word)))
    return Said(end, _cased(spoken, word), "foreign", certain=False, question="foreign", candidates=(*likely, letters))


_HUMP = re.compile(r"[A-Z]?[a-z]+")


def _by_its_parts(word: str) -> str:
    """Words run together with capitals, "NinhHoa", one by one; "" if a part of them is unknown."""
    parts = _HUMP.findall(word) if not word[1:].islower() and word.isascii() else []
    if len(parts) < 2 or "".join(parts) != word:
        return ""
    said = [pairs("foreign").get(part.lower()) or (part if is_plain(part) else unmarked(part)) for part in parts]
    return " ".join(map(str.lower, said)) if all(said) else ""


def _tidy(word: str) -> str:
    """The word without capitals inside it."""
    return word[:1] + word[1:].lower()


def _cased(spoken: str, written: str) -> str:
    """With a capital where the written word has one; not where it would look like a numeral: "i-lon"."""
    numeral = spoken[0] in "ivx" and spoken[1:2] == "-"
    return spoken[0].upper() + spoken[1:] if written[0].isupper() and len(spoken) > 1 and not numeral else spoken
