"""One process that makes the files that are wanted: `python -m tests.services.encode_folder DATA AUDIO`.

With FAILPOINT in the environment it dies at that point.
"""

import sys
from pathlib import Path

from broadcast_service.pool import run_one
from broadcast_service.services import jobs
from broadcast_service.settings import Settings
from broadcast_service.studio import open_studio


def main() -> None:
    data, audio = map(Path, sys.argv[1:])
    studio = open_studio(Settings(data_dir=data, audio_dir=audio), voices={})
    while run_one(studio, owner="test", kind=jobs.ENCODE):
        pass
    studio.close()


if __name__ == "__main__":
    main()
