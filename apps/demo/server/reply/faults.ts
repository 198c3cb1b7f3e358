import type { ErrorResponse, TextResponse } from '@copilotkit/aimock';
import type { Pace } from './models.ts';
import { schemaOf } from './object-answer.ts';
import { lastPrompt, type Question } from './question.ts';

/** A prompt that makes the demo model fail on purpose, so that failures can be looked at. */
export interface Fault {
  matches: (prompt: string) => boolean;
  response: ErrorResponse | TextResponse | (() => ErrorResponse | TextResponse);
  pace?: Pace;
  /** The connection breaks after this many pieces of the answer. */
  cutAfterChunks?: number;
}

const PACE: Pace = { ttft: 300, tps: 60, jitter: 0.35 };

export const faults: readonly Fault[] = [
  {
    matches: commands('(fail|answer) with a rate limit', 'be rate limited', 'hit the rate limit'),
    response: {
      status: 429,
      // Longer than the page lets the client wait by itself, so that the page shows it.
      retryAfter: 20,
      error: {
        message: 'Rate limit reached for requests. Please try again in 20s. (Made up by the offline demo model.)',
        type: 'requests',
        code: 'rate_limit_exceeded',
      },
    },
  },
  {
    matches: commands('be busy for a moment', 'answer (only )?at the second attempt'),
    response: busyEverySecondTime(),
    pace: PACE,
  },
  {
    matches: commands('run out of quota', 'fail with (a |the )?quota', 'exceed the quota'),
    response: {
      status: 429,
      error: {
        message:
          'You exceeded your current quota, please check your plan and billing details. (Made up by the offline demo model.)',
        type: 'insufficient_quota',
        code: 'insufficient_quota',
      },
    },
  },
  {
    matches: commands('(refuse|reject) (my|the) key', 'fail with (a )?(wrong|bad|invalid) key'),
    response: {
      status: 401,
      error: {
        message: 'Incorrect API key provided. (Made up by the offline demo model.)',
        type: 'invalid_request_error',
        code: 'invalid_api_key',
      },
    },
  },
  {
    matches: commands('be overloaded', 'fail with an overload'),
    response: {
      status: 503,
      error: {
        message: 'The model is overloaded with other requests. (Made up by the offline demo model.)',
        type: 'server_error',
        code: 'overloaded',
      },
    },
  },
  {
    matches: commands('fail', 'fail with a server error', 'crash', 'error'),
    response: {
      status: 500,
      error: {
        message: 'The server had an error while processing your request. (Made up by the offline demo model.)',
        type: 'server_error',
      },
    },
  },
  {
    matches: commands('(refuse|reject) (my|the|this|these) files?'),
    response: {
      status: 400,
      error: {
        message: 'This model does not accept such files. (Made up by the offline demo model.)',
        type: 'invalid_request_error',
        code: 'unsupported_file',
      },
    },
  },
  {
    matches: commands('(have|fail with) a context that is too long', 'exceed the context'),
    response: {
      status: 400,
      error: {
        message: 'This model’s maximum context length is 8192 tokens. (Made up by the offline demo model.)',
        type: 'invalid_request_error',
        code: 'context_length_exceeded',
      },
    },
  },
  {
    matches: commands(
      'cut (the|your|this) answer off',
      'cut off (the|your) answer',
      'break off',
      'lose the connection',
    ),
    response: {
      content:
        'This answer will not reach its end. The offline demo model was asked to break the connection in the middle of a sentence, as a proxy or a lost network would, so that you can see what the page makes of it: the text that came stays, and it is not passed off as complete. Watch, it is about to happen: the connection goes in three, two, and that was the rest of the sentence that you will never read.',
    },
    pace: PACE,
    cutAfterChunks: 86,
  },
  {
    matches: commands('(run into|reach|hit) the token limit', 'stop at the limit'),
    response: {
      content:
        'The offline demo model writes this until the limit on output tokens is met. A model does not plan its answer to fit: it writes one token after the other, and when the limit comes it stops where it stands, in the middle of a',
      finishReason: 'length',
    },
    pace: PACE,
  },
  {
    matches: commands('be filtered', 'trip the (content )?filter'),
    response: {
      content: 'The offline demo model begins a harmless sentence, and then a content filter of the provider',
      finishReason: 'content_filter',
    },
    pace: PACE,
  },
];

function busyEverySecondTime(): () => ErrorResponse | TextResponse {
  let requests = 0;
  return () => {
    requests += 1;
    if (requests % 2 === 0) {
      return {
        content:
          'Here I am. The offline demo model refused the first attempt with 429 and asked for a pause of 3 seconds. The client waited as long as it was told, tried again, and this is the second attempt.',
      };
    }
    return {
      status: 429,
      retryAfter: 3,
      error: {
        message: 'Busy. Please try again in 3s. (Made up by the offline demo model.)',
        type: 'requests',
        code: 'rate_limit_exceeded',
      },
    };
  };
}

/**
 * The fault that a request asks for. Where it wants JSON of a schema, its prompt is a text, and the command stands on the
 * last line; what breaks the answer itself is then for the composer of JSON to do.
 */
export function faultFor(question: Question): Fault | undefined {
  const prompt = lastPrompt(question);
  if (!schemaOf(question) && question.tools.length === 0) return faults.find(({ matches }) => matches(prompt));
  const last =
    prompt
      .trimEnd()
      .split(/(?<=[.!?])\s+|\n+/)
      .at(-1) ?? '';
  return faults.find(
    ({ matches, response }) =>
      matches(last) && (typeof response === 'function' || 'error' in response || !schemaOf(question)),
  );
}

/** Only a prompt that is the command itself: a question about rate limits gets its answer. */
function commands(...patterns: readonly string[]): (prompt: string) => boolean {
  const pattern = new RegExp(`^\\s*(please\\s+)?(${patterns.join('|')})[\\s.!]*$`, 'i');
  return (prompt) => pattern.test(prompt);
}
