/** As much of an error body as is read, in bytes. */
const MAX_ERROR_BODY = 64 * 1024;

/** The start of the body of a failed response; what came, where it breaks off. */
export async function readErrorBody({ body }: Response): Promise<string> {
  const reader = body?.getReader();
  let text = '';
  try {
    while (text.length < MAX_ERROR_BODY) {
      const chunk = await reader?.read();
      if (!chunk?.value) break;
      text += new TextDecoder().decode(chunk.value);
    }
    await reader?.cancel();
  } catch {
    // The status says enough: the error is made of what came.
  }
  return text;
}
