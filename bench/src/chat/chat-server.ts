import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { AG_UI_PATH, UI_MESSAGE_PATH } from './paths.ts';

const TICK_MS = 2;

/** What comes before the text: finished calls of a tool of the backend. */
function uiMessageFrames(
  pieces: readonly string[],
  tools: number,
): { opening: object[]; deltas: object[]; end: object[] } {
  return {
    opening: [
      { type: 'start' },
      { type: 'start-step' },
      ...Array.from({ length: tools }, (_, index) => [
        { type: 'tool-input-available', toolCallId: `c${index}`, toolName: 'look', input: { at: index } },
        { type: 'tool-output-available', toolCallId: `c${index}`, output: { seen: 'water '.repeat(20) } },
      ]).flat(),
      { type: 'finish-step' },
      { type: 'start-step' },
      { type: 'text-start', id: '0' },
    ],
    deltas: pieces.map((delta) => ({ type: 'text-delta', id: '0', delta })),
    end: [{ type: 'text-end', id: '0' }, { type: 'finish-step' }, { type: 'finish', finishReason: 'stop' }],
  };
}

function agUiFrames(pieces: readonly string[], tools: number): { opening: object[]; deltas: object[]; end: object[] } {
  const run = { threadId: 't', runId: 'r' };
  const messageId = 'm';
  return {
    opening: [
      { type: 'RUN_STARTED', ...run },
      ...Array.from({ length: tools }, (_, index) => {
        const toolCallId = `c${index}`;
        return [
          { type: 'TOOL_CALL_START', toolCallId, toolCallName: 'look', toolName: 'look' },
          { type: 'TOOL_CALL_ARGS', toolCallId, delta: JSON.stringify({ at: index }) },
          { type: 'TOOL_CALL_END', toolCallId },
          { type: 'TOOL_CALL_RESULT', messageId, toolCallId, content: JSON.stringify({ seen: 'water '.repeat(20) }) },
        ];
      }).flat(),
      { type: 'TEXT_MESSAGE_START', messageId, role: 'assistant' },
    ],
    deltas: pieces.map((delta) => ({ type: 'TEXT_MESSAGE_CONTENT', messageId, delta })),
    end: [
      { type: 'TEXT_MESSAGE_END', messageId },
      { type: 'RUN_FINISHED', ...run, finishReason: 'stop' },
    ],
  };
}

const encode = (events: readonly object[]): string =>
  events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join('');

/** Answers with the finished tools at once and then the same tokens at a pace, in either protocol. */
export function chatServer(
  pieces: readonly string[],
  perSecond: number,
): (request: IncomingMessage, response: ServerResponse) => boolean {
  return (request, response) => {
    const frames = { [UI_MESSAGE_PATH]: uiMessageFrames, [AG_UI_PATH]: agUiFrames }[request.url ?? ''];
    if (!frames) return false;
    request.resume();
    const { opening, deltas, end } = frames(pieces, Number(request.headers['tools']));
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    void write(encode(opening), deltas, perSecond, response).then(() => response.end(`${encode(end)}data: [DONE]\n\n`));
    return true;
  };
}

async function write(
  opening: string,
  deltas: readonly object[],
  perSecond: number,
  response: ServerResponse,
): Promise<void> {
  response.write(opening);
  const start = performance.now();
  for (const [index, delta] of deltas.entries()) {
    while (index > ((performance.now() - start) / 1000) * perSecond) {
      await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    }
    if (!response.write(encode([delta]))) await once(response, 'drain');
  }
}
