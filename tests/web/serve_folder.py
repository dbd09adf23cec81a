"""A server of its own process over the installation of a test: `python -m tests.web.serve_folder DATA AUDIO`.

It prints its port. Nothing but answering happens in it, so that its memory is that of answering.
"""

import sys
from pathlib import Path

from broadcast_service.settings import Settings
from broadcast_service.speech.tone import ToneVoice
from broadcast_service.studio import open_studio
from broadcast_service.web import create_app
from broadcast_service.web.serving import open_server
from tests.conftest import StoppedClock


def main() -> None:
    data, audio = map(Path, sys.argv[1:])
    voice = ToneVoice()
    settings = Settings(data_dir=data, audio_dir=audio, voice=voice.name, port=0)
    studio = open_studio(settings, voices={voice.name: voice}, now=StoppedClock())
    server = open_server(create_app(studio), studio)
    print(server.port, flush=True)
    server.run()


if __name__ == "__main__":
    main()
