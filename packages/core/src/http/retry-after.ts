/** The delay that the headers ask for, in ms: `retry-after-ms`, or `Retry-After` in seconds or as an HTTP date. */
export function retryAfterMs(headers: Headers): number | undefined {
  const value = headers.get('retry-after') ?? '';
  return toMs(headers.get('retry-after-ms') ?? '', 1) ?? toMs(value, 1000) ?? positive(Date.parse(value) - Date.now());
}

function toMs(value: string, unit: number): number | undefined {
  return /^\d+(\.\d+)?$/.test(value) ? Math.ceil(Number(value) * unit) : undefined;
}

function positive(ms: number): number | undefined {
  return ms > 0 ? ms : undefined;
}

/** The delay that a message names, in ms: "Please try again in 1m2.5s". OpenAI hides the headers from web pages. */
export function retryAfterInText(text: string): number | undefined {
  const [, h = 0, m = 0, s = 0, ms = 0] =
    /try again in (?:(\d+)h)?(?:(\d+)m(?!s))?(?:(\d+(?:\.\d+)?)s)?(?:(\d+(?:\.\d+)?)ms)?/i.exec(text) ?? [];
  return positive(Math.ceil(((Number(h) * 60 + Number(m)) * 60 + Number(s)) * 1000 + Number(ms)));
}
