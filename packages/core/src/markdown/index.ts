export { type CloseMarkdownOptions, closeOpenMarkdown } from './close-open-markdown.ts';
export {
  createMarkdownSplitter,
  type MarkdownBlock,
  type MarkdownSplitter,
  type MarkdownSplitterOptions,
  type OpenMarkdownBlock,
} from './splitter.ts';
