import type { LLMError, LLMErrorCode } from '@rivulet/core';

const TEXTS: Partial<Record<LLMErrorCode, string>> = {
  network: 'The connection failed. Check your network, then ask again.',
  timeout: 'The answer took too long. Please ask again.',
  truncated: 'The answer broke off. Please ask again.',
  overloaded: 'Too many people are asking at the moment. Try again in a few minutes.',
  context_length: 'This conversation has become too long. Begin a new one.',
  refusal: 'The model does not answer this. Ask for something else.',
};

/** A text for the people who use your app. */
export function textFor({ code, retryAfterMs = 10_000 }: LLMError): string {
  if (code === 'rate_limit') return `That was too much at once. Try again in ${Math.ceil(retryAfterMs / 1000)} s.`;
  return TEXTS[code] ?? 'Something went wrong on our side. We look into it.';
}
