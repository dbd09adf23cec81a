"""What the tests of faults kill while a recording comes in.

`python -m tests.faults.take_in FOLDER FILE` with FAILPOINT in the environment dies at that point.
"""

import sys
from pathlib import Path

from sqlalchemy import select

from broadcast_service.services import recordings, taking_in
from broadcast_service.storage.tables import Script
from tests.factories import make_script
from tests.faults.worker import open_folder

TEXT = "Một câu chuyện nhỏ.\n\nKể lại cho bà con nghe."


def main(folder: Path, file: Path) -> None:
    """Sweep, hand the file in for the whole text, and tell whether it can be played."""
    studio = open_folder(folder)
    taking_in.sweep(studio)
    with studio.database.transaction() as session:
        script = session.scalars(select(Script)).first() or make_script(session, status="approved", text=TEXT)
        revision = script.latest.id
    taking_in.take_in_upload(studio, revision, file, paragraph=None, reader="Lan", account_id=None)
    with studio.database.reading() as session:
        rendition = recordings.rendition_for(session, TEXT.split("\n\n"))
        print(f"pieces={len(rendition.pieces) if rendition else 0}")
    studio.close()


if __name__ == "__main__":
    main(Path(sys.argv[1]), Path(sys.argv[2]))
