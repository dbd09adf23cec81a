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


def loading() -> float:
    """Milliseconds of one core until `NAME` is ready for its first text."""
    start = time.process_time()
    READERS[sys.argv[1]]()
    return (time.process_time() - start) * 1_000


def speed() -> dict[str, float]:
    """Characters a second on the plan, paragraph by paragraph: the first time, and the best of the later ones."""
    read = READERS[sys.argv[1]]()
    text = PLAN.read_text("utf-8")
    lines = text.split("\n")
    took = []
    until = time.perf_counter() + 3
    while len(took) < 2 or (time.perf_counter() < until and len(took) < 12):
        start = time.process_time()
        for line in lines:
            read(line)
        took.append(time.process_time() - start)
    return {"first": len(text) / took[0], "later": len(text) / min(took[1:])}


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
