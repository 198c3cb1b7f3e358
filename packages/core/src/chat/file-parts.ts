import type { FilePart } from '../types/message.ts';
import { lazyChunk } from '../transport/lazy-chunk.ts';
import { describeThrown } from '../errors/thrown.ts';
import { invalidRequest } from './invalid-request.ts';
import { toFilePart } from './to-file-part.ts';

const contentChunk = lazyChunk(() => import('../providers/shared/file-content.ts'), 'files');

/** Files of a form, a drop or the clipboard, or parts that have their data already. */
export type ChatFiles = ArrayLike<File | FilePart>;

/** Reads what is in a file, from the moment of the call on. */
export async function readFile(file: File | FilePart): Promise<FilePart> {
  if ('mediaType' in file) return file;
  const [bytes, { contentOf, isTextType, toBase64 }] = await Promise.all([readBytes(file), contentChunk.load()]);
  const part = { ...toFilePart(file), data: toBase64(bytes) };
  // Browsers know no type for most source files, and a wrong one for some.
  const isUnlabelledText = contentOf(part)?.kind === 'text' && !isTextType(part.mediaType);
  return isUnlabelledText ? { ...part, mediaType: 'text/plain' } : part;
}

async function readBytes(file: File): Promise<Uint8Array> {
  try {
    return new Uint8Array(await file.arrayBuffer());
  } catch (cause) {
    throw invalidRequest(`Cannot read ${file.name}: ${describeThrown(cause)}`, cause);
  }
}
