"""The programs some tests need: found, or installed where that is possible.

Chromium walks the pages, PostgreSQL runs the same tests as SQLite, ffmpeg, mpg123 and VLC play what is packed.
On Debian as root they are installed from its packages; elsewhere their tests are skipped with the reason,
except where CI=true: there a missing program is a failure.
"""

import os
import shutil
import subprocess
import sys
from pathlib import Path

NEEDS = {
    "browser": (("chromium",), ("chromium", "fonts-noto-core")),
    "media": (
        ("ffmpeg", "ffprobe", "mpg123", "cvlc", "setpriv"),
        ("ffmpeg", "mpg123", "vlc-bin", "vlc-plugin-base", "util-linux"),
    ),
    "postgres": (("initdb", "pg_ctl"), ("postgresql",)),
}
"""marker: (programs, Debian packages)"""


def find(program: str) -> str | None:
    """The program's path; PostgreSQL's own lie in a folder of their release."""
    found = shutil.which(program)
    if found:
        return found
    releases = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{program}"))
    return str(releases[-1]) if releases else None


def missing(marker: str) -> list[str]:
    """The programs of a marker that are not here."""
    return [program for program in NEEDS[marker][0] if find(program) is None]


def main() -> int:
    """Install what is missing if this is Debian and we may; say what stays missing."""
    packages = [package for marker in NEEDS if missing(marker) for package in NEEDS[marker][1]]
    if packages and shutil.which("apt-get") and hasattr(os, "geteuid") and os.geteuid() == 0:
        print("Installing from Debian for the tests:", *packages, flush=True)
        quiet = {"env": os.environ | {"DEBIAN_FRONTEND": "noninteractive"}, "stdout": subprocess.DEVNULL}
        subprocess.run(["apt-get", "update", "-qq"], check=False, **quiet)  # type: ignore[call-overload]
        subprocess.run(["apt-get", "install", "-y", "-qq", *packages], check=False, **quiet)  # type: ignore[call-overload]
    for marker in NEEDS:
        if absent := missing(marker):
            print(f"Tests marked {marker} need {', '.join(absent)}: not here.", flush=True)
            if os.environ.get("CI") == "true":
                return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
