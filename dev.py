"""The two commands of a fresh machine: `python3 dev.py run` and `python3 dev.py test`.

Standard library only. Makes `.venv` beside this file, installs the pinned requirements once, and hands over.
"""

import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")


def main(arguments: list[str]) -> int:
    """Run one command; return the exit code."""
    if sys.version_info < (3, 11):
        print(f"Cần Python 3.11 trở lên; máy này đang chạy Python {sys.version.split()[0]}.", file=sys.stderr)
        return 2
    command, rest = (arguments or ["help"])[0], arguments[1:]
    if command == "run":
        install("requirements.txt")
        return become("-m", "broadcast_service", "serve", *rest)
    if command == "test":
        install("requirements-test.txt")
        side_by_side = () if rest else ("-n", str(min(os.cpu_count() or 1, 4)), "--dist", "loadgroup")
        return call("-m", "tests.machine") or call("-m", "pytest", *side_by_side, *rest)
    if command == "lint":
        install("requirements-test.txt")
        return call("-m", "ruff", "check", ".") or call("-m", "ruff", "format", "--check", ".") or call("-m", "mypy")
    for word, meaning in {"run": "chạy dịch vụ", "test": "chạy mọi kiểm thử", "lint": "soát mã nguồn"}.items():
        print(f"python3 dev.py {word:<6}{meaning}")
    return 0 if command in {"help", "-h", "--help"} else 2


def install(requirements: str) -> None:
    """Make the environment and install, unless this very list was installed before."""
    wanted = hashlib.sha256((ROOT / requirements).read_bytes() + sys.version.encode()).hexdigest()
    stamp = VENV / f".installed-{requirements}"
    if stamp.exists() and stamp.read_text() == wanted and PYTHON.exists():
        return
    print("Đang cài đặt lần đầu, chỉ một lần (vài chục giây)…", flush=True)
    pip = make_environment()
    subprocess.run(
        [*pip, "install", "--quiet", "--disable-pip-version-check", "--require-hashes", "-r", str(ROOT / requirements)],
        check=True,
    )
    stamp.write_text(wanted)


def make_environment() -> list[str]:
    """Make `.venv` and return the pip command for it; Debian without python3-venv has only the outer pip."""
    if not PYTHON.exists():
        made = subprocess.run([sys.executable, "-m", "venv", str(VENV)], capture_output=True)
        if made.returncode:
            subprocess.run([sys.executable, "-m", "venv", "--clear", "--without-pip", str(VENV)], check=True)
    inner = [str(PYTHON), "-m", "pip"]
    if subprocess.run([*inner, "--version"], capture_output=True).returncode == 0:
        return inner
    return [sys.executable, "-m", "pip", "--python", str(PYTHON)]


def become(*arguments: str) -> int:
    """Run the environment's Python in place of this one, so that whoever stops this stops that."""
    if os.name == "nt":
        return call(*arguments)
    os.chdir(ROOT)
    os.execve(PYTHON, [str(PYTHON), *arguments], os.environ | {"PYTHONUTF8": "1"})


def call(*arguments: str) -> int:
    """Run the environment's Python in this folder; Ctrl+C reaches it, and its exit code comes back."""
    environment = os.environ | {"PYTHONUTF8": "1", "PYTHONDONTWRITEBYTECODE": ""}  # tests start hundreds of processes
    process = subprocess.Popen([str(PYTHON), *arguments], cwd=ROOT, env=environment)
    while True:
        try:
            return process.wait()
        except KeyboardInterrupt:
            continue


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except subprocess.CalledProcessError as error:
        print(
            f"Không cài đặt được: lệnh “{' '.join(map(str, error.cmd[:6]))} …” dừng với mã {error.returncode}. "
            "Kiểm tra đường mạng tới kho gói Python rồi chạy lại.",
            file=sys.stderr,
        )
        sys.exit(1)
