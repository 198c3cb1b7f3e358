import { lazyChunk } from '../../transport/lazy-chunk.ts';
import { partsOf } from '../../types/message.ts';
import type { Choose } from './choice.ts';
import type { FileContent } from './file-content.ts';
import type { ResolvedRequest } from '../provider.ts';

const filesChunk = lazyChunk(() => import('./prepare-files.ts'), 'files');

/** Which files a wire has. */
export interface FileSupport {
  /** Keeps text files as files, for a wire that has them. @default false, then they become text in the message. */
  readonly text?: boolean | undefined;
  /** Whether the wire can hold such a file. @default every file; the server decides then. */
  readonly accepts?: ((content: FileContent) => boolean) | undefined;
  /** The accepted files in words, for the error. */
  readonly accepted?: string | undefined;
}

/**
 * The request with files that fit the wire and the model. The code for it is a chunk of its own, loaded with the first file.
 * @throws {LLMError} (as a rejection) with code `invalid_request` for a file that cannot be sent.
 */
export async function withSendableFiles<Request extends ResolvedRequest>(
  request: Request,
  provider: string,
  choose: Choose,
  support?: FileSupport,
): Promise<Request> {
  const hasFiles = request.messages.some((message) => partsOf(message).some(({ type }) => type === 'file'));
  if (!hasFiles) return request;
  const { acceptedFiles, prepareFiles } = await filesChunk.load();
  return { ...request, messages: acceptedFiles(prepareFiles(request.messages, provider, support), choose) };
}
