export interface Flanking {
  readonly opens: boolean;
  readonly closes: boolean;
}

interface Neighbor {
  readonly isSpace: boolean;
  /** Punctuation, except East Asian punctuation where that is treated as letters. */
  readonly isPunctuation: boolean;
  readonly isAnyPunctuation: boolean;
  readonly isCjk: boolean;
}

/** Nearly what remark-cjk-friendly finds by the East Asian width: wide letters and punctuation that are no emoji. */
const CJK =
  /^[\p{scx=Han}\p{scx=Hangul}\p{scx=Hiragana}\p{scx=Katakana}\p{scx=Bopomofo}\p{scx=Yi}\u2E80-\u303E\u3200-\u33FF\uFE10-\uFE1F\uFE30-\uFE6F\uFF01-\uFFEE]$/u;
const IDEOGRAPHIC_SELECTOR = /^[\u{E0100}-\u{E01EF}]$/u;

function classify(character: string, cjkFriendly: boolean): Neighbor {
  const isSpace = /^\s?$/.test(character);
  const isAnyPunctuation = /^[\p{P}\p{S}]$/u.test(character);
  const isCjk = cjkFriendly && CJK.test(character);
  return { isSpace, isPunctuation: isAnyPunctuation && !isCjk, isAnyPunctuation, isCjk };
}

/** The character that ends before an offset. A variation selector belongs to the one before it. */
function characterBefore(text: string, at: number, isWhole: boolean): string {
  if (!isWhole) return text.charAt(at - 1);
  const [, character = ''] = /(.)[\uFE00-\uFE0E]?$/su.exec(text.slice(Math.max(0, at - 4), at)) ?? [];
  return character;
}

/**
 * Whether a run of marks can begin, or end, emphasis: by CommonMark as micromark reads it, or by the rules of
 * remark-cjk-friendly. `next` is what follows the text.
 *
 * https://spec.commonmark.org/0.31.2/#delimiter-run
 * https://github.com/tats-u/markdown-cjk-friendly/blob/main/specification.md
 */
export function flanking(text: string, start: number, end: number, next: string, cjkFriendly: boolean): Flanking {
  const sign = text[start];
  const previous = characterBefore(text, start, cjkFriendly);
  const following = cjkFriendly
    ? String.fromCodePoint(text.codePointAt(end) ?? 32)
    : text.charAt(end) || next.charAt(0);
  const before = classify(previous, cjkFriendly);
  const after = classify(following, cjkFriendly);
  const isBeforeCjk = before.isCjk || (cjkFriendly && IDEOGRAPHIC_SELECTOR.test(previous));
  // Emphasis that touches a mark of another extension opens and closes whatever else is around it.
  const isAfterMark = sign !== '~' && following === '~';
  const isBeforeMark = sign !== '~' && previous === '~';
  const canOpen =
    isAfterMark ||
    !(after.isSpace || after.isPunctuation) ||
    (after.isPunctuation && (before.isSpace || before.isPunctuation || isBeforeCjk));
  const canClose =
    isBeforeMark ||
    !(before.isSpace || before.isPunctuation) ||
    (before.isPunctuation && (after.isSpace || after.isPunctuation || after.isCjk));
  if (sign !== '_') return { opens: canOpen, closes: canClose };
  return {
    opens: canOpen && (before.isSpace || before.isAnyPunctuation || !canClose),
    closes: canClose && (after.isSpace || after.isAnyPunctuation || !canOpen),
  };
}
