"""What a browser's own recorder makes is taken in: Chromium with its fake microphone, which beeps."""

import base64
from pathlib import Path

import numpy as np
import pytest
from playwright.sync_api import sync_playwright

from broadcast_service.audio.recording import take_in
from tests.audio.files import written
from tests.machine import find

pytestmark = [pytest.mark.browser, pytest.mark.slow]

FAKE = ["--no-sandbox", "--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"]
RECORD = """async (type) => {
  if (!MediaRecorder.isTypeSupported(type)) return "";
  const stream = await navigator.mediaDevices.getUserMedia({ audio: true });
  const recorder = new MediaRecorder(stream, { mimeType: type });
  const chunks = [];
  recorder.addEventListener("dataavailable", (event) => chunks.push(event.data));
  const stopped = new Promise((done) => recorder.addEventListener("stop", done));
  recorder.start(250);
  await new Promise((done) => setTimeout(done, 3500));
  recorder.stop();
  await stopped;
  const bytes = new Uint8Array(await new Blob(chunks).arrayBuffer());
  return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
}"""


@pytest.mark.parametrize("kind", ["audio/webm;codecs=opus", "audio/mp4;codecs=opus", "audio/webm;codecs=pcm"])
def test_what_chromium_records_is_taken_in(kind: str, tmp_path: Path) -> None:
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=find("chromium"), args=FAKE)
        page = browser.new_page()
        page.route("https://ghi-am.example/", lambda route: route.fulfill(body="<title>x</title>"))
        page.goto("https://ghi-am.example/")
        data = base64.b64decode(page.evaluate(RECORD, kind))
        browser.close()
    if not data:
        pytest.skip(f"this Chromium records no {kind}")
    found = take_in(written(tmp_path, data), tmp_path)
    assert 2_000 < found.before.length_ms < 5_000
    samples = np.abs(np.asarray(found.samples))
    steps = samples[: len(samples) // 4_410 * 4_410].reshape(-1, 4_410).max(axis=1)
    assert np.count_nonzero(steps > 0.3 * steps.max()) >= 2
