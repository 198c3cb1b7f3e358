import type { LLMError } from '../errors/error.ts';
import { MAX_TOKENS, TEMPERATURE, type Choice, type ChoiceOption, type Choose } from '../providers/shared/choice.ts';
import type { Defaults } from '../providers/provider.ts';
import type { GenerateRequest } from '../types/request.ts';
import type { createHealer, Lessons } from './unsupported-params.ts';

const DEFAULT_TEMPERATURE = 0.7;
const DEFAULT_MAX_TOKENS = 2000;

/** What a client remembers about its models. */
export interface ModelMemory {
  readonly lessons: Lessons;
  /** A chunk of its own, which is loaded with the first refusal. */
  createHealer?: typeof createHealer;
}

export interface MadeChoice {
  readonly choice: Choice<unknown>;
  readonly option: ChoiceOption<unknown> | undefined;
}

/** What a request was sent with. */
export interface SentRequest {
  readonly body: string | undefined;
  readonly made: readonly MadeChoice[];
  /** The defaults that the provider was offered, if it made no choices of its own. */
  readonly offered: readonly MadeChoice[];
}

/** The choices that one request is sent with, and what its refusals teach about them. */
export interface RequestChoices {
  /** For the provider, each time it builds the request. */
  readonly choose: Choose;
  /** Values for what the request leaves open, for a provider that makes no choices of its own. */
  readonly defaults: () => Defaults;
  /**
   * Called with each body before it is sent. What the last refusal taught is shared with the other requests of the client.
   * @throws {LLMError} the last refusal, if what it taught changes nothing in the body: then the field was the caller's.
   */
  readonly commit: (body: string | undefined) => void;
  /**
   * Whether `error`, whose whole body is given, names a choice that has another option: then the request is worth sending
   * again.
   */
  readonly learn: (error: LLMError, errorBody: string) => Promise<boolean>;
  /** The error of a refusal without another option, with the hint of its choice. */
  readonly explain: (error: LLMError) => LLMError;
}

export function createRequestChoices(request: GenerateRequest, memory: ModelMemory): RequestChoices {
  let made = new Map<string, MadeChoice>();
  let offered: MadeChoice[] = [];
  let sentBody: string | undefined;
  let healer = memory.createHealer?.(request.model, memory.lessons);

  function pick<T>(choice: Choice<T>): ChoiceOption<T> | undefined {
    return healer ? healer.pick(choice) : choice.options.find(({ onlyIfListed }) => !onlyIfListed);
  }

  const choose: Choose = (choice) => {
    const option = pick(choice);
    made.set(choice.id, { choice, option });
    return option;
  };

  function offer(name: keyof Defaults, value: number): number | undefined {
    const common = name === 'temperature' ? TEMPERATURE : MAX_TOKENS;
    const choice = { ...common, options: request[name] === undefined ? [{ key: 'value', value }] : [] };
    const option = pick(choice);
    if (option) offered.push({ choice, option });
    return option?.value;
  }

  return {
    choose,
    defaults() {
      made = new Map();
      offered = [];
      return {
        temperature: offer('temperature', DEFAULT_TEMPERATURE),
        maxTokens: offer('maxTokens', DEFAULT_MAX_TOKENS),
      };
    },
    commit(body) {
      healer?.commit(body, sentBody);
      sentBody = body;
    },
    async learn(error, errorBody) {
      // A kind of input is refused with any status.
      if (error.status !== 400 && error.status !== 422 && error.code !== 'invalid_request') return false;
      // A prompt that a content filter blocked is no refusal of a field.
      if (error.code === 'refusal') return false;
      if (!healer) {
        try {
          memory.createHealer ??= (await import('./unsupported-params.ts')).createHealer;
        } catch {
          // The error of the server says more than the one of the chunk.
          return false;
        }
        healer = memory.createHealer(request.model, memory.lessons);
      }
      return healer.learn(error, errorBody, { body: sentBody, made: [...made.values()], offered });
    },
    explain: (error) => healer?.explain(error) ?? error,
  };
}
