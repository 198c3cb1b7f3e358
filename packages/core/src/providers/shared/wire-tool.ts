import type { ResolvedTool } from '../provider.ts';

/** What a request says about the arguments of a tool. */
export interface WireTool {
  readonly schema: ResolvedTool['inputSchema'];
  readonly strict: boolean | undefined;
}

/** The schema of a tool: the translated one only where the provider is asked to hold the arguments to it. */
export function wireTool({ inputSchema, strictSchema, strict }: ResolvedTool, sendsStrict: boolean): WireTool {
  if (!sendsStrict) return { schema: inputSchema, strict: undefined };
  return { schema: (strict && strictSchema) || inputSchema, strict };
}
