import { createMarkdownSplitter } from '../../../src/markdown/splitter.ts';
import { type Node, parse } from './parse.ts';

function withoutPositions(nodes: readonly Node[]): unknown {
  return JSON.parse(
    JSON.stringify(nodes, function (this: Node, key, value: unknown) {
      if (key === 'position' || (key === 'data' && this.type === 'math')) return undefined;
      // Line ends stay at the end of what is not closed, depending on what follows.
      return key === 'value' && /^(?:html|code|math)$/.test(this.type) ? String(value).replace(/[\r\n]+$/, '') : value;
    }),
  );
}

/** The nodes of a document, parsed at once. */
export function whole(text: string, math = false): unknown {
  return withoutPositions(parse(text, math));
}

/** The nodes of a document, parsed block by block. */
export function inBlocks(text: string, math = false): unknown {
  const splitter = createMarkdownSplitter({ math });
  splitter.push(text);
  splitter.end();
  return withoutPositions(
    splitter.blocks.flatMap((block) =>
      parse(block.definitions + block.text, math).filter(
        ({ position }) => (position?.start.offset ?? 0) >= block.definitions.length,
      ),
    ),
  );
}
