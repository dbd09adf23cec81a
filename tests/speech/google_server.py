"""A stand-in for the far end of gTTS on the loopback: it hums what it is asked to say, or misbehaves as told."""

import base64
import functools
import json
import ssl
import threading
import time
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.parse import parse_qs

import numpy as np
import soxr

from broadcast_service.audio.mastering import encode
from broadcast_service.domain.timing import count_syllables

SYLLABLE_S = 0.235


@functools.cache
def hum(syllables: int) -> bytes:
    """An MP3 of so many syllables, with half a second of silence behind, as the real one has."""
    turns = 2 * np.pi * 180 * np.arange(round(44_100 * SYLLABLE_S * syllables)) / 44_100
    sound = np.concatenate((0.3 * np.sin(turns), np.zeros(22_050))).astype(np.float32)
    return encode(soxr.resample(sound, 44_100, 44_100))


class FarEnd:
    """`misbehave` maps the number of a request, from 0, to the name of a fault; None stands for every request."""

    def __init__(self, *, certificate: tuple[Path, Path] | None = None) -> None:
        self.asked: list[str] = []
        self.connections = 0
        self.times: list[float] = []
        self.misbehave: dict[int | None, str] = {}
        self.released = threading.Event()
        far_end = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def log_message(self, *_: object) -> None:
                pass

            def setup(self) -> None:
                far_end.connections += 1
                super().setup()

            def do_GET(self) -> None:
                self.send(200, b"<html>Welcome to our hotel</html>")

            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["Content-Length"]))
                rpc = json.loads(parse_qs(body.decode())["f.req"][0])
                text = json.loads(rpc[0][0][1])[0]
                number = len(far_end.asked)
                far_end.asked.append(text)
                far_end.times.append(time.monotonic())
                fault = far_end.misbehave.get(number, far_end.misbehave.get(None, ""))
                getattr(self, f"answer_{fault}" if fault else "answer")(text)

            def send(self, status: int, body: bytes, **headers: str) -> None:
                self.send_response(status)
                self.send_header("Content-Length", str(len(body)))
                for name, value in headers.items():
                    self.send_header(name, value)
                self.end_headers()
                self.wfile.write(body)

            def wrapped(self, sound: bytes) -> bytes:
                return b')]}\'\n\n[["wrb.fr","jQ1olc","[\\"%s\\"]",null]]\n' % base64.b64encode(sound)

            def answer(self, text: str) -> None:
                self.send(200, self.wrapped(hum(count_syllables(text))))

            def answer_too_many(self, text: str) -> None:
                self.send(429, b"slow down")

            def answer_too_many_for_an_hour(self, text: str) -> None:
                self.send(429, b"slow down", **{"Retry-After": "3600"})

            def answer_forbidden(self, text: str) -> None:
                self.send(403, b"no")

            def answer_broken(self, text: str) -> None:
                self.send(500, b"")

            def answer_hotel(self, text: str) -> None:
                self.send(200, b"<html>Welcome to our hotel</html>", **{"Content-Type": "text/html"})

            def answer_redirect(self, text: str) -> None:
                self.send(302, b"", Location="/hotel")

            def answer_redirect_to_speech(self, text: str) -> None:
                self.send(307, b"", Location="/speak")

            def answer_sign_in(self, text: str) -> None:
                self.send(511, b"<html>Pay first</html>")

            def answer_empty(self, text: str) -> None:
                self.send(200, b"")

            def answer_no_sound(self, text: str) -> None:
                self.send(200, self.wrapped(b""))

            def answer_null(self, text: str) -> None:
                self.send(200, b')]}\'\n\n[["wrb.fr","jQ1olc",null,null,null,[3]]]\n')

            def answer_garbled(self, text: str) -> None:
                self.send(200, self.wrapped(b"abc").replace(b"YWJj", b"YWJ"))

            def answer_not_mp3(self, text: str) -> None:
                self.send(200, self.wrapped(b"\x89PNG" + bytes(5_000)))

            def answer_silence(self, text: str) -> None:
                self.send(200, self.wrapped(encode(np.zeros(44_100, dtype=np.float32))))

            def answer_endless(self, text: str) -> None:
                self.send_response(200)
                self.end_headers()
                for _ in range(1_000):
                    self.wfile.write(bytes(10_000))

            def answer_drip(self, text: str) -> None:
                self.send_response(200)
                self.send_header("Content-Length", "100000")
                self.end_headers()
                for _ in range(100):
                    self.wfile.write(b")")
                    time.sleep(0.05)

            def answer_drip_of_headers(self, text: str) -> None:
                self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Patience: ")
                for _ in range(200):
                    self.wfile.write(b"a")
                    time.sleep(0.05)

            def answer_hang(self, text: str) -> None:
                far_end.released.wait(20)
                self.close_connection = True

            def answer_hang_up(self, text: str) -> None:
                self.close_connection = True

            def answer_cut(self, text: str) -> None:
                self.send_response(200)
                self.send_header("Content-Length", "100000")
                self.end_headers()
                self.wfile.write(self.wrapped(hum(3))[:2_000])
                self.close_connection = True

            def answer_cut_before_the_proxy(self, text: str) -> None:
                self.send(200, self.wrapped(hum(3))[:2_000])

            def answer_half_the_sound(self, text: str) -> None:
                sound = hum(max(1, count_syllables(text) // 4))
                self.send(200, self.wrapped(sound))

        class Server(ThreadingHTTPServer):
            daemon_threads = True

            def handle_error(self, *_: object) -> None:
                pass

        self._server = Server(("127.0.0.1", 0), Handler)
        scheme = "http"
        if certificate:
            scheme = "https"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}/speak"
        threading.Thread(target=self._server.serve_forever, args=(0.05,), daemon=True).start()

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()
