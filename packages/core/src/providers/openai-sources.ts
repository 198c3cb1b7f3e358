import { isObject } from './merge-bodies.ts';

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
export function sourcesIn(...holders: readonly unknown[]): WireSource[] {
  const sources: WireSource[] = [];
  for (const holder of holders) {
    if (!isObject(holder)) continue;
    const { annotations, citations, search_results: results, web_search: pages, context, content } = holder;
    addSources(sources, annotations);
    addSources(sources, citations);
    addSources(sources, results);
    addSources(sources, pages);
    if (isObject(context)) addSources(sources, context['citations']);
    if (Array.isArray(content)) addSources(sources, content.filter(isReference));
  }
  return sources;
}

function addSources(sources: WireSource[], list: unknown): void {
  if (!Array.isArray(list)) return;
  for (const wire of list) sources.push(...toSource(wire));
}

function isReference(piece: unknown): boolean {
  return isObject(piece) && typeof piece['type'] === 'string' && piece['type'].includes('reference');
}

function toSource(wire: unknown): WireSource[] {
  if (typeof wire === 'string') return wire ? [{ url: wire, title: undefined }] : [];
  if (!isObject(wire)) return [];
  const record = isObject(wire['url_citation']) ? wire['url_citation'] : wire;
  const { title } = record;
  const url = [record['url'], record['link'], record['uri']].find((value) => typeof value === 'string' && value);
  return typeof url === 'string' ? [{ url, title: typeof title === 'string' && title ? title : undefined }] : [];
}
