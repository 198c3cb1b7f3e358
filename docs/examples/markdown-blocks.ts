import { closeOpenMarkdown, createMarkdownSplitter } from '@rivulet/core/markdown';

/** Renders an answer block by block: `render` is called once for each block, and for the tail whenever it changes. */
export async function renderBlocks(
  deltas: AsyncIterable<string>,
  render: (id: number, markdown: string) => void,
): Promise<void> {
  const splitter = createMarkdownSplitter();
  let rendered = 0;
  for await (const delta of deltas) {
    splitter.push(delta);
    for (const { id, definitions, text } of splitter.blocks.slice(rendered)) render(id, definitions + text);
    rendered = splitter.blocks.length;
    const { id, definitions, text } = splitter.tail;
    render(id, definitions + closeOpenMarkdown(text));
  }
  splitter.end();
  for (const { id, definitions, text } of splitter.blocks.slice(rendered)) render(id, definitions + text);
}
