"""PostgreSQL from Debian's packages, and on it the very tests that SQLite passes."""

import os
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.machine import find

ROOT = Path(__file__).parents[2]

pytestmark = [pytest.mark.postgres, pytest.mark.slow, pytest.mark.timeout(400)]


def as_server_user(*command: str) -> None:
    """PostgreSQL refuses to run as root; Debian's package brings the user it wants."""
    prefix = ["setpriv", "--reuid=postgres", "--regid=postgres", "--clear-groups"] if os.geteuid() == 0 else []
    subprocess.run([*prefix, *command], check=True, capture_output=True, timeout=60, cwd="/")


@pytest.fixture(scope="module")
def postgres_url() -> Iterator[str]:
    """A server of our own on a socket in a temporary folder; no port is opened."""
    with tempfile.TemporaryDirectory(prefix="pg") as folder:
        place = Path(folder)
        if os.geteuid() == 0:
            import shutil

            shutil.chown(place, "postgres", "postgres")
        initdb, pg_ctl = find("initdb"), find("pg_ctl")
        assert initdb
        assert pg_ctl
        data = str(place / "data")
        as_server_user(initdb, "-D", data, "-U", "tests", "--auth=trust", "--encoding=UTF8", "--locale=C.UTF-8")
        options = f"-c listen_addresses= -c unix_socket_directories={place} -c fsync=off"
        as_server_user(pg_ctl, "-D", data, "-w", "-l", str(place / "log"), "-o", options, "start")
        try:
            yield f"postgresql+psycopg://tests@/postgres?host={place}"
        finally:
            as_server_user(pg_ctl, "-D", data, "-m", "immediate", "stop")


def test_the_tests_of_tables_and_services_pass_on_postgresql(postgres_url: str) -> None:
    result = subprocess.run(
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-x",
            "-p",
            "no:cacheprovider",
            "-p",
            "no:xdist",
            "-m",
            "not slow and not media",  # what these take is sound, which knows no database
            "tests/storage",
            "tests/services",
        ],
        cwd=ROOT,
        env=os.environ | {"TEST_DATABASE_URL": postgres_url},
        capture_output=True,
        text=True,
        timeout=390,
    )
    assert result.returncode == 0, result.stdout[-4000:]
    assert " passed" in result.stdout
