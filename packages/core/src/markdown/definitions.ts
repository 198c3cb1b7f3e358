import { MARKDOWN_LIMITS } from '../errors/limits.ts';

/** What a document defines for its links and footnotes, and which blocks wait for it. */
export interface Definitions {
  /** Takes a paragraph of a block that may begin with definitions of links, or the label of a footnote with its colon. */
  add(block: number, text: string, isFootnote: boolean): void;
  /** The definitions in other blocks that the text of this one refers to. */
  of(block: number, text: string): string;
  /** The same for a block that is complete: changes are reported from now on. */
  follow(block: number, text: string): string;
  /** Reports the changes that were put off. */
  end(): void;
}

interface Definition {
  readonly block: number;
  readonly source: string;
}

/** A block that refers to labels without a definition so far. */
interface WaitingBlock {
  readonly labels: readonly string[];
  /** How many of them were defined since. */
  defined: number;
  /** The length of the definitions that it has. */
  size: number;
}

/**
 * So many definitions that come later are each reported to a block at once, and then each time that their number has
 * doubled: a block of thousands of references must not be parsed thousands of times.
 */
const REPORTED_AT_ONCE = 16;

const DEFINITION =
  /[ \n]*(\[((?:[^\\[\]]|\\[^]){1,999})\]:[ \t]*(?:\n[ \t]*)?(?:<(?:[^<>\\\n]|\\.)*>|[^\s<]\S*)(?:(?:[ \t]+|[ \t]*\n[ \t]*)(?:"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|\((?:[^()\\]|\\[^])*\)))?)[ \t]*(?:\n|$)/y;
const LABEL = /\\[^]|\[((?:[^\\[\]]|\\[^]){1,999})\]/g;
/** An indented line behind a definition is no footnote, but may be another definition. */
const NO_FOOTNOTE = '[^]: #\n    ';
/** Ends a footnote, so that an indented block is not taken for its text. */
const END = '***\n\n';

// The marks of a quotation may stand within a label that goes over two lines.
const normalize = (label: string): string =>
  label
    .replace(/[\s>]+/g, ' ')
    .trim()
    .toLowerCase()
    .toUpperCase();

/** Calls `onChange` with all definitions of a block when one is added that the block was waiting for. */
export function createDefinitions(onChange: (block: number, definitions: string) => void): Definitions {
  const known = new Map<string, Definition>();
  const waiting = new Map<string, Set<number>>();
  const waitingBlocks = new Map<number, WaitingBlock>();
  /** Blocks with definitions that were not reported. */
  const unreported = new Set<number>();
  /** The length of the definitions that the complete blocks may have together, beyond those they have. */
  let allowance: number = MARKDOWN_LIMITS.definitions;

  function labelsIn(text: string): readonly string[] {
    const labels = new Set<string>();
    for (const [, label] of text.matchAll(LABEL)) if (label !== undefined) labels.add(normalize(label));
    return [...labels];
  }

  /** The definitions of these labels in other blocks, except those that would exceed the length. */
  function join(block: number, labels: readonly string[], maxLength: number): string {
    const most = Math.min(maxLength, MARKDOWN_LIMITS.definitions);
    let all = '';
    for (const label of labels) {
      const definition = known.get(label);
      if (!definition || definition.block === block || all.length + definition.source.length > most) continue;
      all += `${definition.source}\n\n`;
    }
    return all && all + END;
  }

  function report(block: number, state: WaitingBlock): void {
    const definitions = join(block, state.labels, allowance + state.size);
    allowance += state.size - definitions.length;
    state.size = definitions.length;
    unreported.delete(block);
    onChange(block, definitions);
  }

  function define(label: string, definition: Definition): void {
    const key = normalize(label);
    if (known.has(key)) return;
    known.set(key, definition);
    const blocks = waiting.get(key) ?? [];
    waiting.delete(key);
    for (const block of blocks) {
      const state = waitingBlocks.get(block);
      if (!state) continue;
      state.defined += 1;
      const isDue = state.defined <= REPORTED_AT_ONCE || Number.isInteger(Math.log2(state.defined));
      if (isDue) report(block, state);
      else unreported.add(block);
    }
  }

  return {
    add(block, text, isFootnote) {
      if (isFootnote) {
        define(text.slice(1, text.indexOf(']:')), { block, source: `${text.trimEnd()} -` });
        return;
      }
      DEFINITION.lastIndex = 0;
      for (let match = DEFINITION.exec(text); match; match = DEFINITION.exec(text)) {
        const [, source = '', label = ''] = match;
        // On one line, so that it cannot be the head of a table.
        const lines = source.split('\n').map((line) => line.trim());
        const onOneLine = lines.filter((line) => line !== '').join(' ');
        define(label, { block, source: label.startsWith('^') ? NO_FOOTNOTE + onOneLine : onOneLine });
      }
    },
    of: (block, text) => join(block, labelsIn(text), MARKDOWN_LIMITS.definitions),
    follow(block, text) {
      const labels = labelsIn(text);
      allowance += text.length;
      const definitions = join(block, labels, allowance);
      allowance -= definitions.length;
      const missing = labels.filter((label) => !known.has(label));
      for (const label of missing) waiting.set(label, (waiting.get(label) ?? new Set()).add(block));
      if (missing.length > 0) waitingBlocks.set(block, { labels, defined: 0, size: definitions.length });
      return definitions;
    },
    end() {
      for (const block of unreported) {
        const state = waitingBlocks.get(block);
        if (state) report(block, state);
      }
    },
  };
}
