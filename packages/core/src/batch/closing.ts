import type { LLMError, LLMErrorCode } from '../errors/error.ts';

/** Failures of the client, or of its key: every later request has the same one. */
const OF_ALL: ReadonlySet<LLMErrorCode> = new Set(['authentication', 'config']);

/** Failures that concern one request (a file, a stored response, flagged content) or every request to its model. */
const OF_MODEL_OR_REQUEST: ReadonlySet<LLMErrorCode> = new Set(['permission_denied', 'not_found']);

/** How many requests in a row must fail with such a code before it is a failure of the model. */
const REFUSALS = 3;

const NAMES_MODEL = /\bmodels?\b|model_not_found/i;
const NAMES_REQUEST = /\bfiles?\b|\bimages?\b|\bresponses?\b|moderat|flagged|polic(y|ies)|safety/i;

/** Which requests are not to be sent because of the failure of earlier ones. */
export interface Closing {
  /** The failure because of which a request to this model is not sent. */
  reasonFor(model: string | undefined): LLMError | undefined;
  /** No request is sent for so long. */
  closeFor(delayMs: number, error: LLMError): void;
  fail(error: LLMError, model: string | undefined): void;
  succeed(model: string | undefined): void;
}

/** @param onClose is called with a test for the models to which nothing is sent any more. */
export function createClosing(onClose: (isClosed: (model: string | undefined) => boolean) => void): Closing {
  const closedModels = new Map<string | undefined, LLMError>();
  const refusals = new Map<string | undefined, number>();
  let forAll: { readonly error: LLMError; readonly untilMs: number } | undefined;

  function reasonFor(model: string | undefined): LLMError | undefined {
    if (forAll && performance.now() < forAll.untilMs) return forAll.error;
    return closedModels.get(model);
  }

  function close(): void {
    onClose((model) => reasonFor(model) !== undefined);
  }

  function closeFor(delayMs: number, error: LLMError): void {
    const untilMs = performance.now() + delayMs;
    if (forAll && forAll.untilMs >= untilMs) return;
    forAll = { error, untilMs };
    close();
  }

  function closeModel(model: string | undefined, error: LLMError): void {
    if (closedModels.has(model)) return;
    closedModels.set(model, error);
    close();
  }

  return {
    reasonFor,
    closeFor,
    fail(error, model) {
      if (OF_ALL.has(error.code)) return closeFor(Infinity, error);
      // Providers count quotas by account or by model.
      if (error.code === 'insufficient_quota') return closeModel(model, error);
      if (!OF_MODEL_OR_REQUEST.has(error.code)) return;
      const count = (refusals.get(model) ?? 0) + 1;
      refusals.set(model, count);
      if (isAboutModel(error) || count >= REFUSALS) closeModel(model, error);
    },
    succeed: (model) => void refusals.delete(model),
  };
}

function isAboutModel({ serverCode = '', message }: LLMError): boolean {
  // The summary before the status is ours, and names models for every 404.
  const said = `${serverCode} ${message.replace(/^[^()]*\(\d+\)/, '')}`;
  return NAMES_MODEL.test(said) && !NAMES_REQUEST.test(said);
}
