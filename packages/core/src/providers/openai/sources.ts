import { filledText, record, records, type UnknownRecord } from '../../utils/read-value.ts';

export interface WireSource {
  readonly url: string;
  readonly title: string | undefined;
}

/**
 * The pages that a chunk cites, whatever the field: OpenAI's and OpenRouter's `annotations`, the `citations` and
 * `search_results` of Perplexity and xAI, the `web_search` of Zhipu, the `context` of Azure, Mistral's references.
 * https://platform.openai.com/docs/guides/tools-web-search#output-and-citations
 * https://openrouter.ai/docs/features/web-search#parsing-web-search-results
 * https://docs.perplexity.ai/api-reference/chat-completions-post
 * https://docs.x.ai/docs/guides/live-search#returning-citations
 * https://docs.z.ai/guides/tools/web-search
 */
export function readSources(holder: UnknownRecord, add: (source: WireSource) => void): void {
  const { annotations, citations, search_results: results, web_search: pages, context, content } = holder;
  addSources(annotations, add);
  addSources(citations, add);
  addSources(results, add);
  addSources(pages, add);
  addSources(record(context)?.['citations'], add);
  if (Array.isArray(content)) addSources(records(content).filter(isReference), add);
}

function addSources(list: unknown, add: (source: WireSource) => void): void {
  if (!Array.isArray(list)) return;
  for (const wire of list) {
    const source = toSource(wire);
    if (source) add(source);
  }
}

function isReference({ type }: UnknownRecord): boolean {
  return typeof type === 'string' && type.includes('reference');
}

function toSource(wire: unknown): WireSource | undefined {
  if (typeof wire === 'string') return wire ? { url: wire, title: undefined } : undefined;
  const outer = record(wire);
  if (!outer) return undefined;
  const inner = record(outer['url_citation']) ?? outer;
  const url = filledText(inner['url']) ?? filledText(inner['link']) ?? filledText(inner['uri']);
  return url === undefined ? undefined : { url, title: filledText(inner['title']) };
}
