/** A line that is only the beginning of a block so far, or that would make a heading of the line before. */
const BARE_MARKER =
  /(?:^|\n)[ \t>]*(?:[-*+]|\d{1,9}[.)])?[ \t]*(?:[-*+=_]+|#{1,6}|\d{1,9}[.)]|`{1,3}|~{1,3}|>|\$+|\|)[ \t]*$/;
const BARE_BOX = /((?:^|\n)[ \t>]*(?:[-*+]|\d{1,9}[.)])[ \t]+)\[[ xX]?\]?$/;
const BARE_DEFINITION = /(?:^|\n)[ \t>]*\[[^\n[\]]*\]:[ \t]*$/;
const BARE_TAG = /<[a-z/!?][^\s<>]*$/i;
const PREFIX = /^[ \t>]*(?:(?:[-*+]|\d{1,9}[.)])[ \t]+)*/;
const FENCE = /^(?:`{3,}(?=[^`]*$)|~{3,})/;
const ROW = /(?:^|\n)([ \t>]*)(\|[^\n]*)(?:\n[ \t>]*(\|[ \t:|-]*)?)?$/;
/** More open marks than this are left as they are. */
const MAX_OPEN = 32;

interface OpenMark {
  readonly mark: string;
  count: number;
  readonly index: number;
}

/** Whether a fence is open at the end, and where the last piece of text begins that blank lines or fences do not end. */
function lastText(text: string): { readonly start: number; readonly isCode: boolean } {
  let fence = '';
  let start = 0;
  let at = 0;
  for (const line of text.split('\n')) {
    const rest = line.replace(PREFIX, '');
    const mark = FENCE.exec(rest)?.[0] ?? '';
    const isEnd = fence !== '' && mark.startsWith(fence) && rest.trim() === mark;
    if (isEnd) fence = '';
    else if (fence === '') fence = mark;
    at += line.length + 1;
    if (isEnd || fence !== '' || line.trim() === '') start = Math.min(at, text.length);
    else if (rest.length < line.length) start = at - 1 - rest.length;
  }
  return { start, isCode: fence !== '' };
}

/** Completes a table of which only the head is there. */
function completeTable(text: string): string {
  const row = ROW.exec(text);
  const [all = '', prefix = '', head = '', rule] = row ?? [];
  const before = text.slice(0, text.length - all.length);
  // Behind another row this is the body.
  if (!row || /\|[ \t]*$/.test(before)) return text;
  const cells = head
    .replace(/\\[\\|]/g, '')
    .replace(/^\||\|[ \t]*$/g, '')
    .split('|').length;
  if (rule && rule.split('|').filter((cell) => /^[ \t]*:?-+:?[ \t]*$/.test(cell)).length >= cells) return text;
  const closed = /\|[ \t]*$/.test(head) || rule !== undefined ? head : `${head} |`;
  return `${before}${all.startsWith('\n') ? '\n' : ''}${prefix}${closed}\n${prefix.replace(/[^>]/g, ' ')}|${' - |'.repeat(cells)}`;
}

/**
 * Completes or hides what is not finished at the end of Markdown that is still coming: emphasis, code, links, images,
 * the head of a table, a marker without its text. For showing only. Costs the length of the text.
 *
 * @example closeOpenMarkdown('A **bold') // 'A **bold**'
 */
export function closeOpenMarkdown(text: string): string {
  const { start, isCode } = lastText(text);
  if (isCode) return text.replace(/\n[ \t>]*(?:`+|~+)$/, '\n');
  const shown = text.replace(BARE_MARKER, '').replace(BARE_BOX, '$1').replace(BARE_DEFINITION, '');
  return completeTable(shown.slice(0, start) + closeInline(shown.slice(start).replace(BARE_TAG, '')));
}

function closeInline(text: string): string {
  const lastRuns = new Map<number, number>();
  for (const { 0: run, index } of text.matchAll(/`+/g)) lastRuns.set(run.length, index);

  const open: OpenMark[] = [];
  /** What not to show: beginnings and ends. */
  const hidden: (readonly [number, number])[] = [];
  const closing: string[] = [];
  let { length } = text;
  const marks = /\\|`+|\*+|_+|~~|!?\[|\]/g;
  for (let match = marks.exec(text); match; match = marks.exec(text)) {
    const [mark] = match;
    const { index } = match;
    const end = index + mark.length;
    const sign = mark.slice(-1);
    if (sign === '\\') {
      if (end === text.length) length = index;
      else marks.lastIndex = end + 1;
    } else if (sign === '`') {
      if ((lastRuns.get(mark.length) ?? 0) > index) {
        marks.lastIndex = closingRun(text, end, mark.length);
      } else if (end === text.length) {
        length = index;
      } else {
        // Half of the closing marks may be there.
        const half = /`+$/.exec(text)?.[0].length ?? 0;
        length = text.length - half;
        closing.push(mark);
        break;
      }
    } else if (sign === '[') {
      if (open.length < MAX_OPEN) open.push({ mark, count: 1, index });
    } else if (sign === ']') {
      const at = open.findLastIndex((one) => one.mark.endsWith('['));
      const opener = open[at];
      if (!opener) continue;
      open.splice(at, 1);
      const target =
        text[end] === '(' ? closingParenthesis(text, end) : text[end] === '[' ? text.indexOf(']', end) : end;
      if (target > 0 && end < text.length) {
        if (target > end) marks.lastIndex = target + 1;
        continue;
      }
      // The target is not there yet.
      if (opener.mark === '![' || text[opener.index + 1] === '^') hidden.push([opener.index, end]);
      else hidden.push([opener.index, opener.index + 1], [index, end]);
      length = index;
      while (open.length > at) closing.unshift((open.pop() as OpenMark).mark);
      break;
    } else {
      const before = text[index - 1] ?? ' ';
      const after = text[end] ?? ' ';
      const isWord = (character: string): boolean => /[\p{L}\p{N}]/u.test(character);
      const closes = /\S/.test(before) && (sign !== '_' || !isWord(after));
      const opens = /\S/.test(after) && (sign !== '_' || !isWord(before));
      let count = mark.length;
      const isLast = end === text.length;
      while (count > 0) {
        if (!closes) break;
        const at = open.findLastIndex((one) => one.mark[0] === sign);
        const opener = open[at];
        if (!opener || (isLast && count < opener.count)) break;
        const used = Math.min(count, opener.count);
        opener.count -= used;
        count -= used;
        open.length = opener.count > 0 ? at + 1 : at;
      }
      if (isLast && count > 0) length = end - count;
      else if (count > 0 && opens && open.length < MAX_OPEN) open.push({ mark: sign, count, index: end - count });
    }
  }

  for (const { mark, count, index } of open.toReversed()) {
    if (index >= length) continue;
    if (mark === '![' || (mark === '[' && text[index + 1] === '^')) length = index;
    else if (mark === '[') hidden.push([index, index + 1]);
    else closing.push(mark.repeat(count));
  }
  let shown = '';
  let from = 0;
  for (const [begin, end] of hidden.toSorted((a, b) => a[0] - b[0])) {
    if (begin >= length) break;
    shown += text.slice(from, begin);
    from = end;
  }
  shown += text.slice(from, Math.max(from, length));
  return closing.length > 0 ? shown.trimEnd() + closing.join('') : shown;
}

/** Where the run of backticks ends that closes one of this length. */
function closingRun(text: string, from: number, size: number): number {
  const runs = /`+/g;
  runs.lastIndex = from;
  for (let run = runs.exec(text); run; run = runs.exec(text)) if (run[0].length === size) return runs.lastIndex;
  return text.length;
}

/** Where the parenthesis is that closes the one at `from`, or -1. */
function closingParenthesis(text: string, from: number): number {
  let depth = 0;
  for (let at = from; at < text.length; at += 1) {
    if (text[at] === '\\') at += 1;
    else if (text[at] === '(') depth += 1;
    else if (text[at] === ')' && (depth -= 1) === 0) return at;
  }
  return -1;
}
