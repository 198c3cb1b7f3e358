const MARKS = '.!?…';
/** Marks that end a sentence without a blank behind them. */
const FULL_WIDTH_MARKS = '。！？';
const CLOSERS = '"\'”’)]';
const FULL_WIDTH_CLOSERS = '”’」』）';

/** What the next character may complete. */
type State = 'text' | 'marks' | 'closers' | 'full-width-closers';

export interface SentenceReader {
  /** How much of a text is whole sentences. Reads only what was added since the last call; a shorter text is read whole. */
  endOf(text: string): number;
}

/** Finds the end of the last whole sentence of a growing text: behind a mark with a blank after it, or a line break. */
export function createSentenceReader(): SentenceReader {
  let state: State = 'text';
  let read = 0;
  let end = 0;

  function next(character: string, index: number): State {
    if (character === '\n') {
      end = index + 1;
      return 'text';
    }
    if (FULL_WIDTH_MARKS.includes(character)) {
      end = index + 1;
      return 'full-width-closers';
    }
    if (state === 'full-width-closers' && FULL_WIDTH_CLOSERS.includes(character)) {
      end = index + 1;
      return 'full-width-closers';
    }
    if (MARKS.includes(character)) return 'marks';
    if (state !== 'marks' && state !== 'closers') return 'text';
    if (CLOSERS.includes(character)) return 'closers';
    if (/\s/.test(character)) end = index;
    return 'text';
  }

  return {
    endOf(text) {
      if (text.length < read) {
        state = 'text';
        read = 0;
        end = 0;
      }
      for (; read < text.length; read += 1) state = next(text.charAt(read), read);
      return end;
    },
  };
}
