import { createThoughtSplitter, type TaggedType, type ThoughtSplitter } from '../../json/thought-tags.ts';

export interface ThoughtsOption {
  /**
   * Turns thoughts in tags at the start of an answer (`<think>…</think>` and the other spellings of open models) into
   * reasoning. `'open'` is for chat templates that contain the opening tag, so that answers begin within the thought:
   * DeepSeek R1, QwQ and Qwen3 Thinking on servers without a reasoning parser. `false` leaves the tags in the text.
   * @default true
   */
  readonly thoughts?: boolean | 'open' | undefined;
}

export interface ThoughtReader {
  /** Reads text, which may have thoughts in tags. */
  push(text: string): void;
  /** Reads reasoning that comes in a field of its own. Returns what the tags did not have before. */
  field(reasoning: string): string;
  /** Emits the text that was held back. To be called before any other event of the answer. */
  flush(): void;
}

/** Separates thoughts from the text of an answer; one that also comes in a field of its own is emitted once. */
export function createThoughtReader(
  { thoughts = true }: ThoughtsOption,
  emit: (type: 'text' | 'reasoning', delta: string) => void,
): ThoughtReader {
  const once = createOnce();
  let isOpen = thoughts === 'open';
  let splitter: ThoughtSplitter | undefined;

  function emitTagged(type: TaggedType, delta: string): void {
    if (type === 'markup') return;
    const added = type === 'reasoning' ? once('tags', delta) : delta;
    if (added) emit(type, added);
  }

  return {
    push(text) {
      if (!thoughts) return emit('text', text);
      splitter ??= createThoughtSplitter(emitTagged, isOpen);
      splitter.push(text);
    },
    field(reasoning) {
      // A server that separates the thought leaves none of it in the text.
      if (reasoning.trim()) isOpen = false;
      return thoughts ? once('field', reasoning) : reasoning;
    },
    flush: () => splitter?.flush(),
  };
}

type Source = 'tags' | 'field';

/**
 * Returns what a source adds to a text that comes from two of them. One is ahead, and the other repeats it, if need be
 * with other white space. Where it does not, both are kept.
 */
function createOnce(): (source: Source, delta: string) => string {
  let leader: Source | undefined;
  /** What the leader has, and the other source has not repeated. */
  const ahead: string[] = [];
  let piece = 0;
  let offset = 0;
  /** What the other source has repeated. */
  let repeated: string[] = [];
  let isDifferent = false;

  /** The next character of the leader, which is not white space. */
  function next(): string | undefined {
    for (; piece < ahead.length; piece += 1, offset = 0) {
      for (const text = ahead[piece] as string; offset < text.length; offset += 1) {
        const char = text[offset] as string;
        if (char.trim()) return char;
      }
    }
    return undefined;
  }

  return (source, delta) => {
    if (isDifferent) return delta;
    leader ??= source;
    if (source === leader) {
      ahead.push(delta);
      return delta;
    }
    for (let index = 0; index < delta.length; index += 1) {
      const char = delta[index] as string;
      if (!char.trim()) continue;
      const expected = next();
      if (expected === undefined) {
        leader = source;
        ahead.push(delta.slice(index));
        repeated = [];
        return delta.slice(index);
      }
      if (char !== expected) {
        isDifferent = true;
        return repeated.join('') + delta;
      }
      offset += 1;
    }
    repeated.push(delta);
    return '';
  };
}
