/** More open marks than this are left as they are. */
const MAX_OPEN = 32;
const MARKS = /\\|`+|\*+|_+|~+|!?\[|\]|<|!/g;
/** A tag, or an address in angle brackets; all of it, or its beginning. */
const TAG = /<[a-z/!?][^<>\n]*>/iy;
const HALF_TAG = /<(?:[a-z/!?][^\s<>]*)?$/iy;

interface OpenMark {
  /** `[`, `![`, or what a run consists of. */
  readonly sign: string;
  count: number;
  /** Where it stands in what is shown. */
  readonly at: number;
}

const isSpace = (character: string): boolean => /^\s?$/.test(character);
const isPunctuation = (character: string): boolean => /^[\p{P}\p{S}]$/u.test(character);

/** Whether a run of marks can begin, or end, emphasis. https://spec.commonmark.org/0.31.2/#delimiter-run */
function flanks(sign: string, before: string, after: string): { readonly opens: boolean; readonly closes: boolean } {
  const left = !isSpace(after) && (!isPunctuation(after) || isSpace(before) || isPunctuation(before));
  const right = !isSpace(before) && (!isPunctuation(before) || isSpace(after) || isPunctuation(after));
  if (sign !== '_') return { opens: left, closes: right };
  return { opens: left && (!right || isPunctuation(before)), closes: right && (!left || isPunctuation(after)) };
}

/** Completes or hides what is not finished at the end of a paragraph. */
export function closeInline(text: string): string {
  /** Where the last run of backticks of each length begins. */
  const lastTicks = new Map<number, number>();
  for (const { 0: run, index } of text.matchAll(/`+/g)) lastTicks.set(run.length, index);
  const open: OpenMark[] = [];
  let shown = '';
  let from = 0;
  /** Shows what comes before a place, and goes on behind another one. */
  const skip = (to: number, next: number): void => {
    shown += text.slice(from, to);
    from = next;
  };
  const hideRest = (at: number): void => skip(at, text.length);
  const push = (sign: string, count: number, at: number): void => {
    if (open.length < MAX_OPEN) open.push({ sign, count, at: shown.length + at - from });
  };

  MARKS.lastIndex = 0;
  for (let match = MARKS.exec(text); match && from < text.length; match = MARKS.exec(text)) {
    const [mark] = match;
    const { index } = match;
    const end = index + mark.length;
    const isLast = end === text.length;
    const sign = mark[0] ?? '';
    const before = text[index - 1] ?? '';
    if (sign === '\\') {
      if (isLast) hideRest(index);
      MARKS.lastIndex = end + 1;
    } else if (sign === '`') {
      if ((lastTicks.get(mark.length) ?? 0) > index) {
        MARKS.lastIndex = endOfCode(text, end, mark.length);
        continue;
      }
      // Half of the marks that close it may be there.
      let codeEnd = text.length;
      while (codeEnd > end && text[codeEnd - 1] === '`') codeEnd -= 1;
      if (text.slice(end, codeEnd).trim() === '') hideRest(index);
      else {
        hideRest(codeEnd);
        shown += mark;
      }
    } else if (sign === '<') {
      TAG.lastIndex = index;
      HALF_TAG.lastIndex = index;
      if (TAG.test(text)) MARKS.lastIndex = TAG.lastIndex;
      else if (HALF_TAG.test(text)) hideRest(index);
    } else if (mark === '!') {
      // An image may begin here; behind a word it is what it is.
      if (isLast && !/[\p{L}\p{N}]/u.test(before)) hideRest(index);
    } else if (sign === '[' || sign === '!') {
      push(mark, 1, index);
    } else if (sign === ']') {
      const at = open.findLastIndex((one) => one.sign.endsWith('['));
      const opener = open[at];
      if (!opener) continue;
      open.length = at;
      const next = text[end];
      const close = next === '(' ? endOfTarget(text, end) : next === '[' ? text.indexOf(']', end) + 1 : -1;
      if (close > 0) MARKS.lastIndex = close;
      else if (isLast || close === 0 || next === '(') {
        // The target is not there yet.
        hideRest(index);
        const isHidden = opener.sign === '![' || shown[opener.at + 1] === '^';
        shown = shown.slice(0, opener.at) + (isHidden ? '' : shown.slice(opener.at + 1));
      }
    } else {
      if (sign === '~' && mark.length !== 2) {
        // One does nothing, but it may be half of two.
        if (isLast && mark.length === 1 && (!/[\p{L}\p{N}]/u.test(before) || open.some((one) => one.sign === '~')))
          hideRest(index);
        continue;
      }
      const { opens, closes } = flanks(sign, before, text[end] ?? '');
      let count = mark.length;
      while (count > 0) {
        const at = open.findLastIndex((one) => one.sign === sign);
        const opener = closes ? open[at] : undefined;
        if (!opener || (isLast && count < opener.count)) break;
        const used = Math.min(count, opener.count);
        opener.count -= used;
        count -= used;
        open.length = opener.count > 0 ? at + 1 : at;
      }
      if (isLast && count > 0) hideRest(end - count);
      else if (count > 0 && opens) push(sign, count, end - count);
    }
  }
  skip(text.length, text.length);

  for (const { sign, count, at } of open.toReversed()) {
    if (sign === '![' || (sign === '[' && shown[at + 1] === '^')) shown = shown.slice(0, at);
    else if (sign === '[') shown = shown.slice(0, at) + shown.slice(at + 1);
    else if (shown.slice(at + count).trim() === '') shown = shown.slice(0, at);
    else shown = shown.trimEnd() + sign.repeat(count);
  }
  return shown;
}

/** Where the run of backticks ends that closes one of this length. */
function endOfCode(text: string, from: number, size: number): number {
  const runs = /`+/g;
  runs.lastIndex = from;
  for (let run = runs.exec(text); run; run = runs.exec(text)) if (run[0].length === size) return runs.lastIndex;
  return text.length;
}

/** Behind the parenthesis that closes the one at `from`, or 0. */
function endOfTarget(text: string, from: number): number {
  let depth = 0;
  let quote = '';
  for (let at = from; at < text.length; at += 1) {
    const character = text[at] ?? '';
    if (character === '\\') at += 1;
    else if (quote !== '') quote = character === quote ? '' : quote;
    else if (/["']/.test(character) && isSpace(text[at - 1] ?? '')) quote = character;
    else if (character === '(') depth += 1;
    else if (character === ')' && (depth -= 1) === 0) return at + 1;
  }
  return 0;
}
