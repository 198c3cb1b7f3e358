/** What a document defines for its links and footnotes, and which blocks wait for it. */
export interface Definitions {
  /** Takes a paragraph that may begin with definitions of links, or the label of a footnote with its colon. */
  add(text: string, isFootnote: boolean): void;
  /** The known definitions that a text may refer to. With an `id`, changes are reported for it. */
  of(text: string, id?: number): string;
}

const DEFINITION =
  /[ \n]*(\[((?:[^\\[\]]|\\[^]){1,999})\]:[ \t]*\n?[ \t]*(?:<(?:[^<>\\\n]|\\.)*>|[^\s<]\S*)(?:(?:[ \t]+|[ \t]*\n[ \t]*)(?:"(?:[^"\\]|\\[^])*"|'(?:[^'\\]|\\[^])*'|\((?:[^()\\]|\\[^])*\)))?)[ \t]*(?:\n|$)/y;
const LABEL = /\[((?:[^\\[\]]|\\[^]){1,999})\]/g;
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
export function createDefinitions(onChange: (id: number, definitions: string) => void): Definitions {
  const known = new Map<string, string>();
  const waiting = new Map<string, Set<number>>();
  const labelsOf = new Map<number, readonly string[]>();

  function join(labels: Iterable<string>): string {
    let all = '';
    for (const label of labels) {
      const source = known.get(label);
      if (source) all += `${source}\n\n`;
    }
    return all && all + END;
  }

  function define(label: string, source: string): void {
    const key = normalize(label);
    if (known.has(key)) return;
    known.set(key, source);
    const ids = waiting.get(key) ?? [];
    waiting.delete(key);
    for (const id of ids) onChange(id, join(labelsOf.get(id) ?? []));
  }

  return {
    add(text, isFootnote) {
      if (isFootnote) {
        define(text.slice(1, text.indexOf(']:')), `${text.trimEnd()} -`);
        return;
      }
      DEFINITION.lastIndex = 0;
      for (let match = DEFINITION.exec(text); match; match = DEFINITION.exec(text)) {
        // On one line, so that it cannot be the head of a table.
        define(match[2] ?? '', (match[1] ?? '').replace(/\s*\n\s*/g, ' '));
      }
    },
    of(text, id) {
      const labels = new Set<string>();
      for (const [, label = ''] of text.matchAll(LABEL)) labels.add(normalize(label));
      if (id !== undefined) {
        let isWaiting = false;
        for (const label of labels) {
          if (known.has(label)) continue;
          isWaiting = true;
          const ids = waiting.get(label) ?? new Set();
          waiting.set(label, ids.add(id));
        }
        if (isWaiting) labelsOf.set(id, [...labels]);
      }
      return join(labels);
    },
  };
}
