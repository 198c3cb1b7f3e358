/** Writers of the frames that Chat Completions servers send. */

/** One server-sent event with this JSON. */
export function frame(json: unknown): string {
  return `data: ${JSON.stringify(json)}\n\n`;
}

/** One chunk with this delta, and fields of the choice and of the chunk beside it. */
export function delta(fields: object, choice: object = {}, chunk: object = {}): string {
  return frame({
    id: 'chatcmpl-1',
    object: 'chat.completion.chunk',
    created: 1,
    model: 'model-1',
    choices: [{ index: 0, delta: fields, finish_reason: null, ...choice }],
    ...chunk,
  });
}

export function text(content: string): string {
  return delta({ content });
}

export function finish(reason = 'stop'): string {
  return delta({}, { finish_reason: reason });
}

export function usage(counts: object): string {
  return delta({}, {}, { choices: [], usage: counts });
}

export const DONE = 'data: [DONE]\n\n';

/** A whole answer that says this. */
export function answer(...texts: string[]): string {
  return texts.map(text).join('') + finish() + DONE;
}
