// The text follows the voice: what is being said is marked while it is heard, a word where the voice has told when
// each begins, else a sentence by its length. A browser without highlights of its own marks the paragraph only.

export const MARK = "being-said"; // styled in player.css
const SYLLABLE = /[\p{L}\p{N}]+/gu; // as domain/timing.py counts them
const BETWEEN_SENTENCES = 1.5; // how many syllables long the silence between two sentences is

function syllablesOf(places) {
  const kinds = NodeFilter.SHOW_ELEMENT | NodeFilter.SHOW_TEXT;
  const choose = (node) => {
    if (node.nodeType === Node.TEXT_NODE) return NodeFilter.FILTER_ACCEPT;
    return node.matches(".breath, .note") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_SKIP;
  };
  const found = [];
  for (const place of places) {
    const nodes = [];
    let text = "";
    for (const walk = document.createTreeWalker(place, kinds, choose); walk.nextNode(); ) {
      nodes.push({ node: walk.currentNode, start: text.length });
      text += walk.currentNode.data;
    }
    const at = (offset) => {
      const { node, start } = nodes.findLast((each) => each.start <= offset);
      return [node, offset - start];
    };
    for (const match of text.matchAll(SYLLABLE)) {
      const last = at(match.index + match[0].length - 1);
      found.push({ text: match[0], from: at(match.index), to: [last[0], last[1] + 1] });
    }
  }
  return found;
}

function sentences(piece) {
  const counts = piece.text.split("\n").map((line) => (line.match(SYLLABLE) ?? []).length);
  const whole = counts.reduce((sum, count) => sum + count + BETWEEN_SENTENCES, 0);
  const found = [];
  let from = 0;
  let before = 0;
  for (const count of counts) {
    found.push([(piece.length * before) / whole, from]);
    from += count;
    before += count + BETWEEN_SENTENCES;
  }
  return found;
}

// When to mark what: [{at: seconds, range}] for the pieces whose text stands in these elements, one after another.
// It ends where another text stands there.
export function stepsOf(pieces, places) {
  const syllables = syllablesOf(places);
  const steps = [];
  let base = 0;
  for (const piece of pieces) {
    const said = piece.text.match(SYLLABLE) ?? [];
    if (said.some((syllable, number) => syllables[base + number]?.text !== syllable)) break;
    const parts = piece.words ?? sentences(piece);
    parts.forEach(([ms, from], number) => {
      const to = parts[number + 1]?.[1] ?? said.length;
      if (to <= from) return;
      const range = document.createRange();
      range.setStart(...syllables[base + from].from);
      range.setEnd(...syllables[base + to - 1].to);
      steps.push({ at: (piece.start + ms) / 1000, range });
    });
    base += said.length;
  }
  return steps;
}

// Marks the step of a moment, and keeps it in view: `frame` tells {top, bottom} of what can be seen, `scroll(by)`
// moves it. Whoever has scrolled away is left alone until they choose another place.
export class Follower {
  constructor(frame, scroll) {
    this.frame = frame;
    this.scroll = scroll;
    this.steps = [];
    this.now = null;
    this.isLost = true;
  }

  follow(steps) {
    this.steps = steps;
    this.isLost = true;
  }

  show(seconds) {
    const step = this.steps.findLast((each) => each.at <= seconds + 0.05) ?? null;
    if (step === this.now) return;
    const wasSeen = this.isLost || (this.now && this.isSeen(this.now));
    this.now = step;
    if (!step) {
      CSS.highlights?.delete(MARK);
      return;
    }
    if (CSS.highlights) CSS.highlights.set(MARK, new Highlight(step.range));
    if (wasSeen && !this.isSeen(step)) {
      const { top, bottom } = this.frame();
      this.scroll(step.range.getBoundingClientRect().top - top - (bottom - top) / 3);
    }
    this.isLost = false;
  }

  isSeen(step) {
    const box = step.range.getBoundingClientRect();
    const { top, bottom } = this.frame();
    return box.top >= top && box.bottom <= bottom;
  }
}
