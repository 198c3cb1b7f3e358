/** With fewer characters, a longer delta may begin with the announced text by chance. */
const MIN_LENGTH = 3;

/** Separates deltas that repeat an announced text from deltas that continue it. */
export interface AnnouncedText {
  /** The part of a delta that is new. */
  push(delta: string): string;
  /** Text that was taken for a repetition, but stopped within it. */
  end(): string;
}

/**
 * Some gateways open a block of text with text in it. The deltas then either repeat this text, in any pieces, or continue
 * it. Deltas that spell the whole announced text from its beginning are a repetition; all others continue it. A first
 * delta that equals the announced text is therefore a repetition, even of one character.
 */
export function announceText(announced: string): AnnouncedText {
  let matched = 0;
  let isDecided = announced === '';

  return {
    push(delta) {
      if (isDecided || !delta) return delta;
      const left = announced.length - matched;
      if (delta.length <= left && announced.startsWith(delta, matched)) {
        matched += delta.length;
        isDecided = delta.length === left;
        return '';
      }
      isDecided = true;
      if (delta.length > left && announced.trim().length >= MIN_LENGTH && delta.startsWith(announced.slice(matched))) {
        return delta.slice(left);
      }
      return announced.slice(0, matched) + delta;
    },
    end() {
      if (isDecided) return '';
      isDecided = true;
      return announced.slice(0, matched);
    },
  };
}

/**
 * Returns for each piece of a whole text what `received` did not have of it. Empty from where the two differ: what was
 * received is kept then.
 */
export function createRemainder(received: string): (whole: string) => string {
  let left: string | undefined = received;
  return (whole) => {
    if (left === undefined) return '';
    if (left.startsWith(whole)) {
      left = left.slice(whole.length);
      return '';
    }
    const rest = whole.startsWith(left) ? whole.slice(left.length) : undefined;
    left = rest === undefined ? undefined : '';
    return rest ?? '';
  };
}
