import type { LLMError } from '@rivulet/core';

export interface ErrorDescription {
  title: string;
  /** What to do about it. */
  advice: string;
}

const DESCRIPTIONS: Partial<Record<LLMError['code'], ErrorDescription>> = {
  rate_limit: {
    title: 'Too many requests for now',
    advice: 'Wait as long as the provider asks, then try again. Nothing is wrong with your prompt.',
  },
  insufficient_quota: {
    title: 'The account has no credit left',
    advice: 'Waiting does not help. Add credit, or raise the limit, in the billing settings of the provider.',
  },
  authentication: {
    title: 'The key was not accepted',
    advice: 'Check OPENAI_API_KEY in .env.local, then start the dev server again.',
  },
  permission_denied: {
    title: 'This is not allowed',
    advice:
      'The key may lack access to the model, or the page was not opened at the address that the dev server printed.',
  },
  not_found: {
    title: 'No such model or address',
    advice: 'Check OPENAI_MODEL and OPENAI_BASE_URL in .env.local, then start the dev server again.',
  },
  invalid_request: {
    title: 'The request was refused as it is',
    advice: 'The message below names the part. If it is the temperature, leave it to the provider.',
  },
  context_length: {
    title: 'The prompt is too long for the model',
    advice: 'Shorten it, or choose a model with a larger context.',
  },
  overloaded: {
    title: 'The model is overloaded',
    advice: 'It was tried several times. Try again in a minute, or choose another model.',
  },
  server: {
    title: 'The model server failed',
    advice: 'This is on its side. Try again; if it stays, see the status page of the provider.',
  },
  network: {
    title: 'The connection was lost',
    advice: 'Check that you are online and that the dev server is running, then try again.',
  },
  timeout: { title: 'The model took too long', advice: 'Try again, perhaps with a shorter prompt.' },
  truncated: {
    title: 'The answer broke off',
    advice:
      'The stream ended without its end mark, so this is not the whole answer. What came was kept; try again for the rest.',
  },
  parse: {
    title: 'The answer could not be read',
    advice: 'The server sent something that is not its format. Try again; if it stays, report it.',
  },
  refusal: { title: 'The model refused', advice: 'Ask in another way.' },
  limit: { title: 'The answer was larger than the client allows', advice: 'Ask for a shorter one.' },
};

export function describeError({ code }: LLMError): ErrorDescription {
  return DESCRIPTIONS[code] ?? { title: 'Something went wrong', advice: 'Try again. The message below may say more.' };
}
