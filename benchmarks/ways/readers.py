"""One reader in a fresh process: python readers.py NAME import|speed|memory|cases; prints one JSON value.

The readers: ours, sea-g2p, vietnormalizer, num2words (which knows numbers only: its answers are put in their places).
"""

import json
import re
import sys
import time
from collections.abc import Callable
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PLAN = ROOT / "tests" / "reading" / "plan.vi.txt"
CASES = ROOT / "tests" / "reading" / "cases"
SENTENCE = "UBND xã họp lúc 7h30 ngày 07/4/2014 tại Facebook, dự kiến 2-3 tạ/ha."

_FOLDED = (
    ("lẻ", "linh"), ("ngàn", "nghìn"), ("hai mươi bốn", "hai mươi tư"), ("tỉ", "tỷ"), ("mồng", "mùng"),
    ("thuỷ", "thủy"), ("hoà", "hòa"), ("uỷ", "ủy"), ("khoá", "khóa"), ("héc ta", "hécta"),
)  # fmt: skip


def _ours() -> Callable[[str], str]:
    sys.path.insert(0, str(ROOT))
    from broadcast_service.reading import read_aloud

    return lambda text: read_aloud(text).spoken


def _sea_g2p() -> Callable[[str], str]:
    from sea_g2p import Normalizer

    normalizer = Normalizer(lang="vi")
    return lambda text: re.sub(r"</?en>", "", normalizer.normalize(text))


def _vietnormalizer() -> Callable[[str], str]:
    from vietnormalizer import VietnameseNormalizer

    normalizer = VietnameseNormalizer()
    return lambda text: str(normalizer.normalize(text))


def _num2words() -> Callable[[str], str]:
    from num2words import num2words

    return lambda text: re.sub(r"\d{1,15}", lambda found: str(num2words(int(found.group()), lang="vi")), text)


READERS = {"ours": _ours, "sea-g2p": _sea_g2p, "vietnormalizer": _vietnormalizer, "num2words": _num2words}


def folded(spoken: str) -> str:
    """Words only, in lower case, with what is a matter of region or spelling made the same."""
    words = " ".join(re.findall(r"\w+", spoken.lower()))
    for variant, common in _FOLDED:
        words = re.sub(rf"\b{variant}\b", common, words)
    return words


def _timed(work: Callable[[], object]) -> float:
    start = time.process_time()
    work()
    return time.process_time() - start


def loading() -> float:
    """Milliseconds of one core until `NAME` is ready for its first text."""
    return _timed(READERS[sys.argv[1]]) * 1_000


def speed() -> dict[str, float]:
    """Characters a second on the plan, line by line, and the milliseconds of the very first sentence.

    "cold" is the first pass over the plan in this process, after one short sentence has made the reader load its
    tables; "warm" is the best of the later passes.
    """
    read = READERS[sys.argv[1]]()
    text = PLAN.read_text("utf-8")
    lines = text.split("\n")

    def all_lines() -> None:
        for line in lines:
            read(line)

    sentence = _timed(lambda: read(SENTENCE))
    took: list[float] = []
    until = time.perf_counter() + 3
    while len(took) < 2 or (time.perf_counter() < until and len(took) < 12):
        took.append(_timed(all_lines))
    return {"sentence": sentence * 1_000, "cold": len(text) / took[0], "warm": len(text) / min(took[1:])}


def _peak() -> float:
    """The most memory this process has held, in megabytes."""
    return int(re.findall(r"VmHWM:\s+(\d+)", Path("/proc/self/status").read_text("ascii"))[0]) / 1_024


def memory() -> float:
    """Megabytes the process has grown to when the plan has been read, over what it was at the start."""
    before = _peak()
    read = READERS[sys.argv[1]]()
    for line in PLAN.read_text("utf-8").split("\n"):
        read(line)
    return _peak() - before


def cases() -> float:
    """Per cent of the cases (of the region trung, in the style radio) that are said as written there, folded."""
    read = READERS[sys.argv[1]]()
    right = total = 0
    for table in sorted(CASES.glob("*.tsv")):
        for line in table.read_text("utf-8").rstrip("\n").split("\n")[1:]:
            written, spoken, region, style = line.split("\t")[:4]
            if (region, style) == ("trung", "radio"):
                total += 1
                right += folded(read(written)) == folded(spoken.replace("⏎", " "))
    return 100 * right / total


TASKS: dict[str, Callable[[], object]] = {"import": loading, "speed": speed, "memory": memory, "cases": cases}

if __name__ == "__main__":
    print(json.dumps(TASKS[sys.argv[2]]()))
