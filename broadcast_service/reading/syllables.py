"""Is this a Vietnamese syllable? And how many syllables has a text?"""

import re
from functools import lru_cache

_VOWELS = "aăâeêioôơuưy"
_TONED = ("áắấéếíóốớúứý", "ạặậẹệịọộợụựỵ", "àằầèềìòồờùừỳ", "ảẳẩẻểỉỏổởủửỷ", "ãẵẫẽễĩõỗỡũữỹ")
_TONELESS = str.maketrans("".join(_TONED), _VOWELS * len(_TONED))
_ACUTE_OR_DOT = frozenset(_TONED[0] + _TONED[1])
_WORD = re.compile(r"[A-Za-zÀ-ÖØ-öø-ɏḀ-ỿ]+")

_RHYMES = frozenset(
    """a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng âp ât âu ây
    e ec em en eng eo ep et ê êch êm ên êng ênh êp êt êu i ia ich iêc iêm iên iêng iêp iêt iêu im in inh ip it iu
    o oa oac oach oai oam oan oang oanh oao oap oat oay oăc oăm oăn oăng oăt oe oem oen oeo oet oi om on ong ooc oong
    op ot oc ô ôc ôi ôm ôn ông ôp ôt ơ ơi ơm ơn ơng ơp ơt u ua uân uâng uât uây uc uê uênh uêch ui um un ung uơ uôc uôi
    uôm uôn uông uôt up ut uy uya uych uyên uyêt uyn uynh uyt uyp uyu ư ưa ưc ưi ưm ưn ưng ươc ươi ươm ươn ương ươp
    ươt ươu ưt ưu y yêm yên yêng yêt yêu""".split()  # noqa: SIM905
)
_AFTER_QU = frozenset(
    """a ac ach ai am an ang anh ao ap at au ay ăc ăm ăn ăng ăp ăt âc âm ân âng ât âu ây e en eo et ec em ê ên êt ênh
    êch êu i ich in inh it y yên yêt ych ynh yt yu ơ ơn ơt ôc ôi""".split()  # noqa: SIM905
)
_ONSETS = frozenset("b c ch d đ g gh gi h k kh l m n ng ngh nh p ph r s t th tr v x".split())  # noqa: SIM905
_ONSET = re.compile(r"(?:ngh|ng|nh|gh|gi|ch|kh|ph|th|tr|[bcdđghklmnprstvx])")
_FRONT = frozenset("ieêy")


@lru_cache(maxsize=20_000)
def is_syllable(word: str) -> bool:
    """Is this one word, in any case, a syllable that Vietnamese spelling allows?"""
    word = word.lower()
    bare = word.translate(_TONELESS)
    toned = [letter for letter, base in zip(word, bare, strict=True) if letter != base] if bare != word else []
    if len(toned) > 1 or len(bare) > 7:
        return False
    if bare.endswith(("c", "p", "t", "ch")) and not (toned and toned[0] in _ACUTE_OR_DOT):
        return False
    if bare.startswith("qu"):
        return bare[2:] in _AFTER_QU
    if bare in _RHYMES:
        return True
    if bare.startswith("gi") and (bare == "gi" or bare[1:] in _RHYMES or bare[2:] in _RHYMES):
        return bare[2:3] != "e" or bare in ("gie", "gieo", "giep")
    found = _ONSET.match(bare)
    if found is None:
        return False
    onset, rhyme = found.group(), bare[found.end() :]
    if rhyme not in _RHYMES or onset not in _ONSETS:
        return False
    front = rhyme[0] in _FRONT
    if onset in ("k", "gh", "ngh"):
        return front
    return not (front and onset in ("c", "g", "ng"))


def count_syllables(spoken: str) -> int:
    """How many syllables the spoken text has: one for each group of letters between blanks, hyphens and marks."""
    return sum(1 for _ in _WORD.finditer(spoken))
