/**
 * The delay that the headers ask for, in ms: `retry-after-ms`, or `Retry-After` in seconds or as an HTTP date. Of a 429
 * also `RateLimit-Reset`, which other answers carry too, without asking for anything.
 */
export function retryAfterMs(headers: Headers, status: number): number | undefined {
  const value = headers.get('retry-after');
  // The form of asctime leaves out that it is GMT.
  const wait = Date.parse(value?.endsWith('GMT') ? value : `${value} GMT`) - Date.now();
  return (
    toMs(headers.get('retry-after-ms'), 1) ??
    toMs(value, 1000) ??
    (wait > 0 ? wait : status === 429 ? toMs(headers.get('ratelimit-reset'), 1000) : undefined)
  );
}

function toMs(value: string | null, unit: number): number | undefined {
  return value && /^\d+(\.\d+)?$/.test(value) ? Math.ceil(+value * unit) : undefined;
}

/** The delay that a message names, in ms: "Please try again in 1m2.5s". OpenAI hides the headers from web pages. */
export function retryAfterInText(text: string): number | undefined {
  const [, hours = 0, minutes = 0, amount = 0, milli] =
    /(?:again in|retry after) (?:(\d+)h)?(?:(\d+)m)?([\d.]+) ?(m?)s/i.exec(text) ?? [];
  return Math.ceil(((+hours * 60 + +minutes) * 60 + +amount / (milli ? 1000 : 1)) * 1000) || undefined;
}
