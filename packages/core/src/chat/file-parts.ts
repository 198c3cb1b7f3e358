import type { FilePart } from '../message.ts';
import { invalidRequest } from './invalid-request.ts';

/** Files of a form, a drop or the clipboard, or parts that have their data already. */
export type ChatFiles = ArrayLike<File | FilePart>;

/** The part of a file, still without what is in it. */
export function toFilePart(file: File | FilePart): FilePart {
  return 'mediaType' in file
    ? file
    : { type: 'file', mediaType: file.type || 'application/octet-stream', filename: file.name };
}

/** Reads what is in a file. */
export async function readFile(file: File | FilePart): Promise<FilePart> {
  if ('mediaType' in file) return file;
  try {
    const bytes = new Uint8Array(await file.arrayBuffer());
    let binary = '';
    // More arguments than this do not fit into a call.
    for (let start = 0; start < bytes.length; start += 8192) {
      binary += String.fromCharCode(...bytes.subarray(start, start + 8192));
    }
    return { ...toFilePart(file), data: btoa(binary) };
  } catch (cause) {
    throw invalidRequest(`Cannot read ${file.name}: ${String(cause)}`, cause);
  }
}
