/** The longest `call_id` that the API accepts. https://platform.openai.com/docs/api-reference/responses/create */
const MAX_LENGTH = 64;

interface WireCall {
  readonly callId: string;
  readonly isCustom: boolean;
}

/**
 * The `call_id`s of a history. Some servers use the id of a call again in a later turn, which the API refuses, so a later
 * call has an id of its own. A result belongs to the last call before it that has its id.
 */
export interface ResponseCallIds {
  /** The `call_id` of a new call. */
  add(id: string, isCustom: boolean): string;
  /** The call of a result. */
  callOf(id: string): WireCall;
}

export function createResponseCallIds(): ResponseCallIds {
  const used = new Set<string>();
  const calls = new Map<string, WireCall>();
  /** How often an id was used. */
  const counts = new Map<string, number>();

  function unusedId(id: string): string {
    let count = counts.get(id) ?? 1;
    let callId = id;
    while (used.has(callId)) {
      count += 1;
      const suffix = `-${count}`;
      callId = id.slice(0, MAX_LENGTH - suffix.length) + suffix;
    }
    counts.set(id, count);
    used.add(callId);
    return callId;
  }

  return {
    add(id, isCustom) {
      const callId = unusedId(id);
      calls.set(id, { callId, isCustom });
      return callId;
    },
    callOf: (id) => calls.get(id) ?? { callId: id, isCustom: false },
  };
}
