import { flanking } from './flanking.ts';
import { behindRun, inlineTagAt, isPartialTag, lastRuns } from './html-tags.ts';

export interface InlineOptions {
  readonly math: boolean;
  readonly singleDollarMath: boolean;
  readonly html: boolean;
  readonly cjkFriendly: boolean;
  readonly cjkFriendlyStrikethrough: boolean;
}

/** More open marks than this are left as they are. */
const MAX_OPEN = 32;
/** More loose marks than this at the end are left there. */
const MAX_LOOSE = 8;
/** The longest target of a link that is searched for its end, so that many open ones do not each read the whole text. */
const MAX_TARGET = 2048;
/** The longest formula that is held back. */
const MAX_FORMULA = 1000;
const MARKS = /\\|`+|\$+|\*+|_+|~+|!?\[|\]|<|!/g;
/** A tag, or an address in angle brackets; all of it, or its beginning. */
const TAG = /<[a-z/!?][^<>\n]*>/iy;
const HALF_TAG = /<(?:[a-z/!?][^\s<>]*)?$/iy;
/** What may be behind the text of a link, as far as it is there. https://spec.commonmark.org/0.31.2/#links */
const PARTIAL_TARGET =
  /^\(\s*(?:<[^<>\n]*|(?:<[^<>\n]*>|[^\s<]\S*)(?:\s+(?:"[^"]*(?:"\s*)?|'[^']*(?:'\s*)?|\([^()]*(?:\)\s*)?)?)?)?$/;
const AMOUNT = /^[\d.,]+[;:!?)]*\s+[^\s\d+\-*/=<>^_\\({]/;
const COMMAND = /\\[a-z]+(?:\{[^{}]*\}?)?/gi;
const PROSE = /\p{L}{2}\s+\p{L}{2}|[^\P{L}\p{scx=Latin}\p{scx=Greek}]/u;

interface OpenMark {
  /** `[`, `![`, or what a run consists of. */
  readonly sign: string;
  count: number;
  /** Where it is in the shown text. */
  readonly at: number;
  /** Whether it might close something, too. */
  readonly closes: boolean;
}

const isBracket = ({ sign }: OpenMark): boolean => sign.endsWith('[');

/** Whether text behind a `$` may be a formula that is not closed yet, and not an amount of money or a variable. */
function isFormula(text: string): boolean {
  if (text.length > MAX_FORMULA || /^\s/.test(text)) return false;
  return !AMOUNT.test(text) && !PROSE.test(text.replace(COMMAND, ''));
}

/** Completes or hides incomplete syntax at the end of a paragraph. `next` is the blank text that follows it. */
export function closeInline(text: string, next: string, options: InlineOptions): string {
  const lastTicks = lastRuns(text, /`+/g);
  const lastDollars = options.math ? lastRuns(text, /\$+/g) : new Map<number, number>();
  let open: OpenMark[] = [];
  let shown = '';
  let from = 0;
  const hideRest = (at: number): void => {
    shown += text.slice(from, at);
    from = text.length;
  };
  const push = (sign: string, count: number, at: number, closes: boolean): void => {
    if (open.length < MAX_OPEN) open.push({ sign, count, at: shown.length + at - from, closes });
  };

  /** Closes as much as a run can close, as micromark does. Returns the marks that are left of it. */
  function closeBy(sign: string, size: number, opens: boolean, isLast: boolean): number {
    let count = size;
    while (count > 0) {
      const at = open.findLastIndex(
        (one) => one.sign === sign && !isRuledOut(sign, one.count, one.closes, count, opens),
      );
      const opener = open[at];
      // At the end, it may be half of what is going to close the opener.
      if (!opener || (isLast && count < opener.count)) break;
      const used = Math.min(count, opener.count, 2);
      opener.count -= used;
      count -= used;
      open = open.filter((one, index) => index < at || isBracket(one) || (index === at && one.count > 0));
    }
    return count;
  }

  MARKS.lastIndex = 0;
  for (let match = MARKS.exec(text); match && from < text.length; match = MARKS.exec(text)) {
    const [mark] = match;
    const { index } = match;
    const end = index + mark.length;
    const isLast = end === text.length;
    const sign = mark[0] ?? '';
    const before = text[index - 1] ?? '';
    if (sign === '\\') {
      if (isLast && !next.startsWith(' ')) hideRest(index);
      MARKS.lastIndex = end + 1;
    } else if (sign === '`') {
      if ((lastTicks.get(mark.length) ?? 0) > index) {
        MARKS.lastIndex = behindRun(text, index, mark);
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
    } else if (sign === '$') {
      if (!options.math || (mark.length === 1 && !options.singleDollarMath)) {
        if (options.math && isLast) hideRest(index);
        continue;
      }
      if ((lastDollars.get(mark.length) ?? 0) > index) MARKS.lastIndex = behindRun(text, index, mark);
      else if (isFormula(text.slice(end, end + MAX_FORMULA + 1))) hideRest(index);
    } else if (sign === '<') {
      const tagEnd = endOfTag(text, index, options.html);
      if (tagEnd > 0) MARKS.lastIndex = tagEnd;
      else if (tagEnd < 0) hideRest(index);
    } else if (mark === '!') {
      // An image may begin here; behind a word it is what it is.
      if (isLast && next === '' && !/[\p{L}\p{N}]/u.test(before)) hideRest(index);
    } else if (sign === '[' || sign === '!') {
      push(mark, 1, index, false);
    } else if (sign === ']') {
      const at = open.findLastIndex(isBracket);
      const opener = open[at];
      if (!opener) continue;
      const following = text[end];
      const isTarget = following === '(';
      const close = isTarget ? endOfTarget(text, end) : following === '[' ? text.indexOf(']', end) + 1 : -1;
      const isShort = text.length - end <= MAX_TARGET;
      const mayGoOn = isTarget ? isShort && PARTIAL_TARGET.test(text.slice(end)) : isLast ? next === '' : close === 0;
      if (close > 0) {
        open.length = at;
        MARKS.lastIndex = close;
        continue;
      }
      open = open.filter((one) => one !== opener);
      if (!mayGoOn) continue;
      // The target is not there yet.
      hideRest(index);
      const isHidden = opener.sign === '![' || shown[opener.at + 1] === '^';
      if (isHidden) open.length = at;
      shown = shown.slice(0, opener.at) + (isHidden ? '' : shown.slice(opener.at + 1));
      open = open.map((one) => (one.at > opener.at ? { ...one, at: one.at - 1 } : one));
    } else {
      if (sign === '~' && mark.length !== 2) {
        // One does nothing, but it may be half of two.
        if (isLast && mark.length === 1) hideRest(index);
        continue;
      }
      const cjkFriendly = sign === '~' ? options.cjkFriendlyStrikethrough : options.cjkFriendly;
      const { opens, closes } = flanking(text, index, end, next, cjkFriendly);
      const count = closes ? closeBy(sign, mark.length, opens, isLast) : mark.length;
      if (isLast && count > 0) hideRest(end - count);
      else if (count > 0 && opens) push(sign, count, end - count, closes);
    }
  }
  shown += text.slice(from);

  const openers = open.toReversed();
  let run = '';
  let closers = 0;
  for (const [index, { sign, count, at }] of openers.entries()) {
    if (sign === '![' || (sign === '[' && shown[at + 1] === '^')) shown = shown.slice(0, at);
    else if (sign === '[') shown = shown.slice(0, at) + shown.slice(at + 1);
    else if (/^[\s>]*$/.test(shown.slice(at + count))) shown = shown.slice(0, at);
    else {
      if (run !== sign) {
        run = sign;
        shown = withoutLooseMarks(shown);
        closers = countClosable(openers.slice(index), shown, options);
      }
      if (closers > 0) shown += sign.repeat(count);
      closers -= 1;
    }
  }
  return withoutLineBreak(shown);
}

/** Without the blanks at the end, and marks behind blanks, which would change what is added to them. */
function withoutLooseMarks(text: string): string {
  let end = text.length;
  for (let turn = 0; turn < MAX_LOOSE; turn += 1) {
    end = withoutLineBreak(text.slice(0, end)).trimEnd().length;
    let marks = end;
    while (/[*_~]/.test(text[marks - 1] ?? '')) marks -= 1;
    if (marks === end || !/\s/.test(text[marks - 1] ?? '')) break;
    end = marks;
  }
  return text.slice(0, end);
}

/** How many of the first openers a run of closing marks closes, if one is added for each of those that have the same sign. */
function countClosable(openers: readonly OpenMark[], text: string, options: InlineOptions): number {
  const sign = openers[0]?.sign ?? '';
  // Four of them close nothing.
  if (sign === '~') return text.endsWith('~') ? 0 : 1;
  const other = openers.findIndex((one) => one.sign !== sign);
  const group = other < 0 ? openers : openers.slice(0, other);
  const next = openers[other]?.sign ?? '';
  // All that decides about a run is next to it.
  const before = text.slice(-4);
  for (let size = group.length; size > 0; size -= 1) {
    const counts = group.slice(0, size);
    const run = sign.repeat(counts.reduce((sum, { count }) => sum + count, 0));
    const { opens } = flanking(before + run + next, before.length, before.length + run.length, '', options.cjkFriendly);
    if (isClosedBy(counts, run.length, opens)) return size;
  }
  return 0;
}

/** Whether a run closes all of these, the last one first, in spite of the rule about multiples of three. */
function isClosedBy(openers: readonly OpenMark[], size: number, opens: boolean): boolean {
  let rest = size;
  for (const { sign, count, closes } of openers) {
    for (let left = count; left > 0;) {
      if (isRuledOut(sign, left, closes, rest, opens)) return false;
      const used = Math.min(left, rest, 2);
      left -= used;
      rest -= used;
    }
  }
  return true;
}

/** https://spec.commonmark.org/0.31.2/#emphasis-and-strong-emphasis, rules 9 and 10 */
function isRuledOut(
  sign: string,
  opener: number,
  openerCloses: boolean,
  closer: number,
  closerOpens: boolean,
): boolean {
  return sign !== '~' && (openerCloses || closerOpens) && closer % 3 !== 0 && (opener + closer) % 3 === 0;
}

/** Without a line break at the end, and the marks of quotations behind it. */
function withoutLineBreak(text: string): string {
  const line = text.lastIndexOf('\n') + 1;
  if (line === 0 || !/^[ \t>]*$/.test(text.slice(line))) return text;
  const before = text.slice(0, line).trimEnd();
  let end = before.length;
  while (before[end - 1] === '\\') end -= 1;
  return (before.length - end) % 2 === 0 ? before : before.slice(0, -1);
}

/** The offset behind a tag or an address in angle brackets; -1 for one that is not complete, 0 for other text. */
function endOfTag(text: string, at: number, html: boolean): number {
  if (html && text.startsWith('<!--', at))
    return text.indexOf('-->', at + 2) < 0 ? -1 : text.indexOf('-->', at + 2) + 3;
  const found = html ? inlineTagAt(text, at) : undefined;
  if (found) return found.end;
  if (html && isPartialTag(text, at)) return -1;
  TAG.lastIndex = at;
  if (TAG.test(text)) return TAG.lastIndex;
  HALF_TAG.lastIndex = at;
  return HALF_TAG.test(text) ? -1 : 0;
}

/** The offset behind the parenthesis that closes the one at `from`, or 0. */
function endOfTarget(text: string, from: number): number {
  let depth = 0;
  let quote = '';
  const end = Math.min(text.length, from + MAX_TARGET);
  for (let at = from; at < end; at += 1) {
    const character = text[at] ?? '';
    if (character === '\\') at += 1;
    else if (quote !== '') quote = character === quote ? '' : quote;
    else if ((character === '"' || character === "'") && /^\s?$/.test(text[at - 1] ?? '')) quote = character;
    else if (character === '(') depth += 1;
    else if (character === ')' && (depth -= 1) === 0) return at + 1;
  }
  return 0;
}
