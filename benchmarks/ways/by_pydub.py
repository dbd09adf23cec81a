"""The usual way: pydub decodes every part, appends, and exports. argv: folder of parts, file to write."""

import json
import sys
from pathlib import Path


def assemble(folder: str, out: str) -> None:
    from pydub import AudioSegment

    rows = json.loads(Path(folder, "index.json").read_text("utf-8"))
    whole = AudioSegment.from_file(f"{folder}/{rows[0][0]}", format="mp3")
    for row in rows[1:]:
        whole = whole.append(AudioSegment.from_file(f"{folder}/{row[0]}", format="mp3"), crossfade=0)
    whole.export(out, format="mp3", bitrate="64k").close()


if __name__ == "__main__":
    assemble(sys.argv[1], sys.argv[2])
