import type { FilePart } from '../../types/message.ts';

/** The base64 data of a file that brings it along, as `data` or in a `data:` URL; `undefined` if it is elsewhere. */
export function inlineDataOf({ data, url }: FilePart): string | undefined {
  return data ?? (url?.startsWith('data:') ? url.slice(url.indexOf(',') + 1) : undefined);
}

/** The text that base64 stands for, read as UTF-8. */
export function textFromBase64(base64: string): string {
  return new TextDecoder().decode(Uint8Array.from(atob(base64), (byte) => byte.charCodeAt(0)));
}
