"""The limit: the bytes of the parts one after another, wrong as a file. argv: folder of parts, file to write."""

import json
import sys


def assemble(folder: str, out: str) -> None:
    with open(f"{folder}/index.json", encoding="utf-8") as file:
        names = [row[0] for row in json.load(file)]
    with open(out, "wb", buffering=0) as target:
        for name in names:
            with open(f"{folder}/{name}", "rb", buffering=0) as source:
                target.write(source.read())


if __name__ == "__main__":
    assemble(sys.argv[1], sys.argv[2])
