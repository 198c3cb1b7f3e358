import type { FilePart } from '../types/message.ts';

/** The part of a file, still without what is in it. */
export function toFilePart(file: File | FilePart): FilePart {
  return 'mediaType' in file
    ? file
    : { type: 'file', mediaType: file.type || 'application/octet-stream', filename: file.name };
}
