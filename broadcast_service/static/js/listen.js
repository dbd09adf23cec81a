// `listen(address)` plays the sound of an address and answers "", or the sentence that says why there is none. Each
// address is asked for once: a voice that fails is not asked again to learn why. `hush()` stops what is played.
// Sound goes from the answer to the loudspeaker without an address of its own, which the page's policy would forbid.

const AGAIN = "Chưa nghe được lời này. Hãy bấm Nghe thử lần nữa.";
const held = { address: "", sound: null };
let context = null;
let playing = null;
let asked = 0;

export function hush() {
  asked += 1;
  playing?.stop();
  playing = null;
}

export async function listen(address) {
  hush();
  const turn = asked;
  context ??= wake();
  context.resume(); // at once: a browser lets a page sound while it still thinks of the click
  const why = held.address === address ? "" : await ask(address);
  if (turn !== asked) return ""; // something else was asked for meanwhile
  if (!why) play(held.sound);
  return why;
}

function wake() {
  if (navigator.audioSession) navigator.audioSession.type = "playback"; // heard on a phone whose bell is off
  return new AudioContext();
}

async function ask(address) {
  let bytes;
  try {
    const answer = await fetch(address, { credentials: "same-origin" });
    if (!answer.ok) return reason(await answer.text());
    bytes = await answer.arrayBuffer();
  } catch {
    return "Chưa nghe được vì mất mạng. Có mạng thì bấm Nghe thử lần nữa.";
  }
  try {
    const sound = await context.decodeAudioData(bytes);
    Object.assign(held, { address, sound });
  } catch {
    return AGAIN; // a sign-in page, or half a file
  }
  return "";
}

function play(sound) {
  playing = context.createBufferSource();
  playing.buffer = sound;
  playing.connect(context.destination);
  playing.start();
}

function reason(page) {
  const words = new DOMParser().parseFromString(page, "text/html").querySelector(".nothing .note");
  return words?.textContent ?? AGAIN;
}
