import {
  createMarkdownSplitter,
  type MarkdownBlock,
  type MarkdownSplitterOptions,
  type OpenMarkdownBlock,
} from '@rivulet/core/markdown';

/** So many blocks are one component, so that a new one is not laid beside all that came before. */
export const GROUP_SIZE = 32;

export interface GrowingBlocks {
  /** The blocks that are complete. A group is replaced when one of its blocks is new, or got a definition. */
  readonly groups: readonly (readonly MarkdownBlock[])[];
  /** Undefined when nothing is open. */
  readonly tail: OpenMarkdownBlock | undefined;
}

/**
 * Cuts a text that is longer each time. Reads only what was added; a text that does not start with the one before is
 * read anew. A complete text that grows after all is taken for one that is not.
 */
export function createGrowingBlocks(
  options: MarkdownSplitterOptions,
): (text: string, isComplete: boolean) => GrowingBlocks {
  let splitter = createMarkdownSplitter(options);
  let seen = '';
  let isEnded = false;
  let grewAfterEnd = false;
  let revision = 0;
  let grouped = 0;
  let groups: (readonly MarkdownBlock[])[] = [];

  function startAnew(): void {
    splitter = createMarkdownSplitter(options);
    seen = '';
    isEnded = false;
    revision = 0;
    grouped = 0;
    groups = [];
  }

  function group(): void {
    const { blocks } = splitter;
    if (revision !== splitter.revision) {
      revision = splitter.revision;
      groups = groups.map((all) =>
        all.every((block) => blocks[block.id] === block) ? all : all.map((block) => blocks[block.id] ?? block),
      );
    }
    while (grouped < blocks.length) {
      const index = Math.floor(grouped / GROUP_SIZE);
      const end = Math.min(blocks.length, (index + 1) * GROUP_SIZE);
      groups[index] = [...(groups[index] ?? []), ...blocks.slice(grouped, end)];
      grouped = end;
    }
  }

  return (text, isComplete) => {
    const grows = text.startsWith(seen);
    if (!grows || (isEnded && text.length > seen.length)) {
      grewAfterEnd = grows;
      startAnew();
    }
    if (text.length > seen.length) {
      splitter.push(text.slice(seen.length));
      seen = text;
    }
    if (isComplete && !isEnded && !grewAfterEnd) {
      splitter.end();
      isEnded = true;
    }
    group();
    const { tail } = splitter;
    return { groups, tail: isEnded || tail.text.trim() === '' ? undefined : tail };
  };
}
