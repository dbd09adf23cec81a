"""Named points at which a test may kill the process, to prove that nothing is lost there."""

import os
import signal


def failpoint(name: str) -> None:
    """Die at once, as in a power cut, if the environment names this point in FAILPOINT."""
    if os.environ.get("FAILPOINT") == name:
        os.kill(os.getpid(), getattr(signal, "SIGKILL", signal.SIGTERM))
