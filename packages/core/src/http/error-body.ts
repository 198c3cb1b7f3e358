/** As much of an error body as is read, in bytes. */
const MAX_ERROR_BODY = 64 * 1024;

/** The start of the body of a failed response; what came, where it breaks off. */
export async function readErrorBody(response: Response): Promise<string> {
  const reader = response.body?.getReader();
  if (!reader) return '';
  const decoder = new TextDecoder();
  let text = '';
  let size = 0;
  try {
    while (size < MAX_ERROR_BODY) {
      const { done, value } = await reader.read();
      if (done) break;
      size += value.byteLength;
      text += decoder.decode(value, { stream: true });
    }
  } catch {
    // The status says enough: the error is made of what came.
  }
  reader.cancel().catch(() => undefined);
  return text;
}
