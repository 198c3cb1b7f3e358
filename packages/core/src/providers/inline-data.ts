import type { FilePart } from '../message.ts';

/** The base64 data of a file that brings it along, as `data` or in a `data:` URL; `undefined` if it is elsewhere. */
export function inlineDataOf({ data, url }: FilePart): string | undefined {
  return data ?? (url?.startsWith('data:') ? url.slice(url.indexOf(',') + 1) : undefined);
}
