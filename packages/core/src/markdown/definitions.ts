/** What a document defines for its links and footnotes, and which blocks wait for it. */
export interface Definitions {
  /** Takes a paragraph of a block that may begin with definitions of links, or the label of a footnote with its colon. */
  add(block: number, text: string, isFootnote: boolean): void;
  /** The definitions in other blocks that the text of this one refers to. */
  of(block: number, text: string): string;
  /** The same for a block that is complete: changes are reported from now on. */
  follow(block: number, text: string): string;
}

interface Definition {
  readonly block: number;
  readonly source: string;
}

const DEFINITION =
  /[ \n]*(\[((?:[^\\[\]]|\\[^]){1,999})\]:[ \t]*(?:\n[ \t]*)?(?:<(?:[^<>\\\n]|\\.)*>|[^\s<]\S*)(?:(?:[ \t]+|[ \t]*\n[ \t]*)(?:"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|\((?:[^()\\]|\\[^])*\)))?)[ \t]*(?:\n|$)/y;
const LABEL = /\[((?:[^\\[\]]|\\[^]){1,999})\]/g;
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

/** `onChange` is told the definitions of a block anew when one comes that it was waiting for. */
export function createDefinitions(onChange: (block: number, definitions: string) => void): Definitions {
  const known = new Map<string, Definition>();
  const waiting = new Map<string, Set<number>>();
  const labelsOf = new Map<number, readonly string[]>();

  function labelsIn(text: string): readonly string[] {
    return [...new Set(Array.from(text.matchAll(LABEL), ([, label = '']) => normalize(label)))];
  }

  function join(block: number, labels: readonly string[]): string {
    let all = '';
    for (const label of labels) {
      const definition = known.get(label);
      if (definition && definition.block !== block) all += `${definition.source}\n\n`;
    }
    return all && all + END;
  }

  function define(label: string, definition: Definition): void {
    const key = normalize(label);
    if (known.has(key)) return;
    known.set(key, definition);
    const blocks = waiting.get(key) ?? [];
    waiting.delete(key);
    for (const block of blocks) onChange(block, join(block, labelsOf.get(block) ?? []));
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
    of: (block, text) => join(block, labelsIn(text)),
    follow(block, text) {
      const labels = labelsIn(text);
      const missing = labels.filter((label) => !known.has(label));
      for (const label of missing) waiting.set(label, (waiting.get(label) ?? new Set()).add(block));
      if (missing.length > 0) labelsOf.set(block, labels);
      return join(block, labels);
    },
  };
}
