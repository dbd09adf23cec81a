// Reading into the browser's microphone: count-down, level, stop, listen, again, send; a paragraph at a time.
// Without this module, or without a microphone, the form at the foot of the page takes files. Markup:
// templates/recordings/show.html.

const KINDS = ["audio/webm;codecs=opus", "audio/mp4", "audio/ogg;codecs=opus", "audio/webm"];
const BITS = 128_000;
const COUNT_FROM = 3;
const SOFT_DB = -36; // of full scale, as loud as the loudest moment of the last second
const LOUD_DB = -3;
const LOWEST_DB = -60;
const REFUSALS = {
  NotAllowedError: "Chưa được dùng micrô. Bấm biểu tượng ở đầu ô địa chỉ, cho phép Micrô, rồi bấm Thu lần nữa.",
  NotFoundError: "Máy này không có micrô. Hãy cắm micrô hoặc tai nghe có micrô rồi bấm Thu lần nữa.",
  NotReadableError: "Micrô đang do phần mềm khác giữ. Hãy đóng phần mềm ấy rồi bấm Thu lần nữa.",
};

const NOT_OPENED = "Không mở được micrô. Hãy tải lại trang rồi thử lại.";
const NOT_RECORDED =
  "Trình duyệt không ghi được từ micrô này. Hãy cắm lại micrô hoặc mở trang bằng trình duyệt khác rồi bấm Thu lần nữa.";

const form = document.querySelector("[data-form]");
const page = document.querySelector("[data-reader]");
const kept = new Map(); // by the number of the paragraph: {blob, address}, recorded and not yet sent
let busy = null; // the article that is counted down or recorded
let stopTake = () => {}; // ends what busy is at

const within = (article, name) => article.querySelector(`[data-${name}]`);

function show(article, ...names) {
  for (const name of ["count", "cancel", "start", "stop", "clock", "level", "level-word", "mine", "send", "again", "save"]) {
    within(article, name).toggleAttribute("hidden", !names.includes(name)); // an SVG has no property for it
  }
}

function tell(article, words, { bad = false } = {}) {
  const place = within(article, "said");
  place.textContent = words;
  place.classList.toggle("bad", bad);
}

function clock(ms) {
  const seconds = Math.floor(ms / 1000);
  return `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;
}

const wait = (ms) => new Promise((done) => setTimeout(done, ms));

// --- the microphone

function whyNot() {
  if (!window.isSecureContext) {
    return "Trình duyệt chỉ cho dùng micrô khi trang mở bằng https, hoặc mở ngay trên máy chủ (localhost).";
  }
  if (!navigator.mediaDevices?.getUserMedia || !window.MediaRecorder) {
    return "Trình duyệt này không ghi âm được. Hãy dùng Chrome, Edge, Firefox hoặc Safari bản mới.";
  }
  return "";
}

/** Nothing of what the browser would do to a telephone call: the service cleans the sound itself. */
function microphone() {
  const plain = { echoCancellation: false, noiseSuppression: false, autoGainControl: false };
  return navigator.mediaDevices.getUserMedia({ audio: { ...plain, channelCount: 1 } });
}

/** Where so many decibels stand on the level. */
const onLevel = (db) => `${Math.max(0, Math.min(100, 100 - (100 * db) / LOWEST_DB))}%`;

/** Shows how loud it is until the answer is called. */
function watch(article, stream) {
  const context = new AudioContext();
  const analyser = new AnalyserNode(context, { fftSize: 2048 });
  context.createMediaStreamSource(stream).connect(analyser);
  const samples = new Float32Array(analyser.fftSize);
  const [bar, level, word] = ["bar", "level", "level-word"].map((name) => within(article, name));
  const started = performance.now();
  let held = LOWEST_DB;
  const timer = setInterval(() => {
    analyser.getFloatTimeDomainData(samples);
    let highest = 1e-6;
    for (const sample of samples) highest = Math.max(highest, Math.abs(sample));
    const now = 20 * Math.log10(highest);
    held = Math.max(now, held - 0.6);
    const how = held > LOUD_DB ? "loud" : held < SOFT_DB ? "soft" : "good";
    bar.setAttribute("width", onLevel(now));
    level.dataset.how = how;
    word.textContent = { loud: "To quá, lùi ra", soft: "Nhỏ, lại gần", good: "Vừa" }[how];
    within(article, "clock").textContent = `Đang thu ${clock(performance.now() - started)}`;
  }, 60);
  return () => {
    clearInterval(timer);
    context.close();
  };
}

// --- one take

function drop(number) {
  const take = kept.get(number);
  if (take) URL.revokeObjectURL(take.address);
  kept.delete(number);
}

/** Whether the count-down came to its end; false: the reader has called it off. */
async function countDown(article) {
  const [count, cancel] = [within(article, "count"), within(article, "cancel")];
  const isCalledOff = new Promise((done) => (stopTake = () => done(true)));
  cancel.onclick = stopTake;
  show(article, "count", "cancel");
  cancel.focus({ preventScroll: true });
  for (let left = COUNT_FROM; left > 0; left -= 1) {
    count.textContent = String(left);
    if (await Promise.race([wait(700), isCalledOff])) return false;
  }
  return true;
}

/** What the microphone hears until the reader stops. */
async function take(article, stream) {
  const kind = KINDS.find((one) => MediaRecorder.isTypeSupported(one));
  const recorder = new MediaRecorder(stream, { mimeType: kind, audioBitsPerSecond: BITS });
  const chunks = [];
  recorder.addEventListener("dataavailable", (event) => chunks.push(event.data));
  const ended = new Promise((done) => recorder.addEventListener("stop", done, { once: true }));
  stopTake = () => recorder.state === "recording" && recorder.stop();
  within(article, "stop").onclick = stopTake;
  stream.getAudioTracks()[0].addEventListener("ended", stopTake); // the microphone was pulled out
  const rest = watch(article, stream);
  try {
    recorder.start(1000);
    show(article, "stop", "clock", "level", "level-word");
    within(article, "stop").focus({ preventScroll: true });
    await ended;
  } finally {
    rest();
  }
  return new Blob(chunks, { type: recorder.mimeType });
}

function keep(article, blob) {
  const number = article.dataset.paragraph;
  drop(number);
  const address = URL.createObjectURL(blob);
  kept.set(number, { blob, address });
  within(article, "mine").src = address;
  Object.assign(within(article, "save"), { href: address, download: `doan-${number}.${ending(blob)}` });
  tell(article, "Chưa gửi. Nghe lại, nếu được thì gửi.");
}

/** What can be done with a paragraph while nobody reads it. */
function offer(article) {
  const isKept = kept.has(article.dataset.paragraph);
  show(article, ...(isKept ? ["mine", "send", "again", "save"] : ["start"]));
  within(article, isKept ? "send" : "start").focus({ preventScroll: true });
}

async function record(article) {
  if (busy || page.dataset.newest) return;
  busy = article;
  tell(article, "");
  let stream;
  try {
    stream = await microphone();
    page.classList.add("reading-now");
    article.classList.add("on-air");
    article.scrollIntoView({ block: "start" });
    if (await countDown(article)) keep(article, await take(article, stream));
  } catch (error) {
    tell(article, stream ? NOT_RECORDED : (REFUSALS[error.name] ?? NOT_OPENED), { bad: true });
  } finally {
    stream?.getTracks().forEach((track) => track.stop());
    page.classList.remove("reading-now");
    article.classList.remove("on-air");
    busy = null;
    stopTake = () => {};
    offer(article);
  }
}

// --- sending

/** Keep the words on the screen when the script has a newer revision, but let nobody read them any more. */
function noteRevision(fresh) {
  const newest = fresh.querySelector("[data-reader]")?.dataset.revision;
  if (!newest || newest === page.dataset.revision) return false;
  page.dataset.newest = newest;
  stopTake();
  document.querySelector("[data-stale-why]").textContent =
    `Bài vừa được sửa thành bản ${newest} nên lời trên trang này là lời cũ.`;
  document.querySelector("[data-stale]").hidden = false;
  document.querySelectorAll("[data-start], [data-again]").forEach((button) => button.toggleAttribute("disabled", true));
  return true;
}

const ending = (blob) => (blob.type.includes("mp4") ? "m4a" : blob.type.includes("ogg") ? "ogg" : "webm");

/** {answer, fresh}: what came back, and its page. Raises what the person is to read without a network. */
async function asked(address, options = {}) {
  try {
    const answer = await fetch(address, { ...options, credentials: "same-origin" });
    return { answer, fresh: new DOMParser().parseFromString(await answer.text(), "text/html") };
  } catch {
    throw new Error("Chưa gửi được vì mất mạng. Bản ghi còn trong trang này; có mạng thì bấm Gửi lần nữa.");
  }
}

/** Whether the sign-in, and with it the token of the form, is another one than when the page was opened. */
const isSignInLost = ({ answer, fresh }) =>
  !fresh.querySelector("[data-reader]") && ([400, 401].includes(answer.status) || answer.redirected);

/** Take the token of a page opened afresh; raises what to do while nobody is signed in. */
async function renewToken() {
  const { fresh } = await asked(location.href);
  const token = fresh.querySelector("[data-form] [name=csrf_token]")?.value;
  if (!token) {
    throw new Error(
      "Phiên đăng nhập đã hết. Đăng nhập ở thẻ khác rồi bấm Gửi lại ở đây; bản ghi còn trong trang này.",
    );
  }
  form.elements.csrf_token.value = token;
}

function post(fields) {
  const body = new FormData(form);
  for (const [name, value] of Object.entries(fields)) {
    if (value instanceof Blob) body.set(name, value, `ghi-am.${ending(value)}`);
    else body.set(name, value);
  }
  return asked(form.action, { method: "POST", body });
}

/** The page that answers; raises what the person is to read when it is not the page with the take in it. */
async function send(fields) {
  let came = await post(fields);
  if (isSignInLost(came)) {
    await renewToken();
    came = await post(fields);
  }
  const { answer, fresh } = came;
  const isStale = noteRevision(fresh);
  if (answer.ok && fresh.querySelector("[data-reader]")) return { fresh, isStale };
  const mistake = fresh.querySelector("[data-mistake], .invalid-feedback, .nothing .note");
  throw new Error(mistake?.textContent.trim() ?? "Chưa gửi được. Bản ghi còn trong trang này; hãy bấm Gửi lần nữa.");
}

function put(fresh, id) {
  const [old, next] = [document.getElementById(id), fresh.getElementById(id)];
  if (old && next) old.replaceWith(document.adoptNode(next));
}

async function sendTake(article) {
  const number = article.dataset.paragraph;
  if (!form.reportValidityOf(["reader"])) return;
  const buttons = [within(article, "send"), within(article, "again")];
  buttons.forEach((button) => (button.disabled = true));
  tell(article, "Đang gửi và làm sạch tiếng…");
  try {
    const { fresh, isStale } = await send({
      paragraph: number,
      words: article.dataset.words,
      recording: kept.get(number).blob,
    });
    drop(number);
    if (isStale) {
      show(article);
      tell(article, `Đã nhận đoạn ${number}.`);
      return;
    }
    put(fresh, article.id);
    put(fresh, "tien-do");
    const done = document.getElementById(article.id);
    ready(done);
    tell(done, `Đã nhận đoạn ${number}.${done.querySelector(".take-notes") ? " Có chỗ cần nghe lại, ghi ở dưới." : ""}`);
    const after = done.nextElementSibling?.matches("[data-paragraph]") ? done.nextElementSibling : done;
    within(after, "start").focus();
  } catch (error) {
    tell(article, error.message, { bad: true });
    buttons.forEach((button) => (button.disabled = false));
    within(article, "again").disabled = Boolean(page.dataset.newest);
  }
}

// --- the page

function ready(article) {
  within(article, "mic").hidden = false;
  for (const [mark, db] of [["soft", SOFT_DB], ["loud", LOUD_DB]]) {
    for (const end of ["x1", "x2"]) article.querySelector(`[data-mark=${mark}]`).setAttribute(end, onLevel(db));
  }
  show(article, "start");
}

function begin() {
  document.querySelector("[data-needs-script]").hidden = true;
  const reason = whyNot();
  if (reason) {
    document.querySelector("[data-no-mic-why]").textContent = reason;
    document.querySelector("[data-no-mic]").hidden = false;
    return;
  }
  document.querySelectorAll("[data-paragraph]").forEach(ready);
  document.addEventListener("click", (event) => {
    const article = event.target.closest("[data-paragraph]");
    if (!article) return;
    if (event.target.closest("[data-start], [data-again]")) record(article);
    if (event.target.closest("[data-send]")) sendTake(article);
  });
  window.addEventListener("beforeunload", (event) => {
    if (kept.size || busy) event.preventDefault();
  });
}

if (form) {
  form.reportValidityOf = (names) => names.every((name) => form.elements[name].reportValidity());
  form.addEventListener("submit", (event) => {
    const file = form.elements.recording.files[0];
    const said = document.querySelector("[data-upload-said]");
    if (file && file.size > Number(form.dataset.largest)) {
      event.preventDefault();
      said.textContent = `Tệp lớn hơn ${Math.floor(Number(form.dataset.largest) / 1e6)} MB. Hãy xuất ra MP3, M4A hoặc FLAC rồi gửi lại.`;
    } else {
      said.textContent = "Đang gửi và làm sạch tiếng. Tệp dài thì mất vài phút, xin để yên trang này.";
    }
  });
  begin();
}
