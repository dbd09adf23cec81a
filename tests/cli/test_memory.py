"""A service that has worked is as small as one that has not."""

import subprocess
import sys

import pytest

WORK = """
import sys, threading
from broadcast_service.cli.memory import give_back
if sys.argv[1] == "given back" and not give_back():
    sys.exit(7)

def work():
    for size in (30_000_000, 20_000_000, 10_000_000):
        kept, large = [bytes(4_000) for _ in range(200)], [bytearray(size // 8) for _ in range(8)]
        del large

threads = [threading.Thread(target=work) for _ in range(8)]
for thread in threads:
    thread.start()
for thread in threads:
    thread.join()
(line,) = (line for line in open("/proc/self/status") if line.startswith("RssAnon:"))
print(line.split()[1])
"""


def resting_kb(how: str) -> int:
    """What a process keeps whose threads have used much memory and need it no more."""
    run = subprocess.run([sys.executable, "-c", WORK, how], capture_output=True, text=True, check=False)
    if run.returncode == 7:
        pytest.skip("this C library takes no orders")
    assert run.returncode == 0, run.stderr
    return int(run.stdout)


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="reads /proc")
def test_what_threads_no_longer_need_is_given_back() -> None:
    assert resting_kb("given back") < resting_kb("as it is") - 5_000
