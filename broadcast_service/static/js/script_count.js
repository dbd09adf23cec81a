// Under the text being written: how many syllables, how many paragraphs, how long about. The server
// counts anew when it is saved, with numbers and abbreviations read out.

const SYLLABLES_A_MINUTE = 190;

const clock = (minutes) => `${Math.floor(minutes)}:${String(Math.floor((minutes % 1) * 60)).padStart(2, "0")}`;

for (const text of document.querySelectorAll("textarea[data-count]")) {
  const words = document.querySelector("[data-count-words]");
  const count = () => {
    const syllables = (text.value.match(/[\p{L}\p{N}]+/gu) ?? []).length;
    const paragraphs = text.value.split(/\n\s*\n/).filter((part) => part.trim()).length;
    words.textContent = syllables
      ? `${syllables} tiếng, ${paragraphs} đoạn, đọc khoảng ${clock(syllables / SYLLABLES_A_MINUTE)}`
      : "\u00a0";
  };
  text.addEventListener("input", count);
  count();
}
