import { once } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { openAIFrames } from '../openai-frames.ts';
import { OPENAI_PATH, UI_MESSAGE_PATH } from './paths.ts';

const TICK_MS = 5;

/** The protocol of the AI SDK's hooks. */
function uiMessageFrames(pieces: readonly string[]): string[] {
  const parts = [
    { type: 'start' },
    { type: 'start-step' },
    { type: 'text-start', id: '0' },
    ...pieces.map((delta) => ({ type: 'text-delta', id: '0', delta })),
    { type: 'text-end', id: '0' },
    { type: 'finish-step' },
    { type: 'finish' },
  ];
  return [...parts.map((part) => `data: ${JSON.stringify(part)}\n\n`), 'data: [DONE]\n\n'];
}

/** Answers with the same tokens in either protocol, an event a write; the header `pace` has tokens a second, or 0. */
export function modelServer(
  pieces: readonly string[],
): (request: IncomingMessage, response: ServerResponse) => boolean {
  const answers = new Map([
    [OPENAI_PATH, openAIFrames(pieces)],
    [UI_MESSAGE_PATH, uiMessageFrames(pieces)],
  ]);
  return (request, response) => {
    const frames = answers.get(request.url ?? '');
    if (!frames) return false;
    request.resume();
    response.writeHead(200, { 'content-type': 'text/event-stream', 'cache-control': 'no-cache' });
    void write(frames, Number(request.headers['pace']), response);
    return true;
  };
}

async function write(frames: readonly string[], perSecond: number, response: ServerResponse): Promise<void> {
  const start = performance.now();
  for (const [index, frame] of frames.entries()) {
    while (index > due(start, perSecond)) await new Promise((resolve) => setTimeout(resolve, TICK_MS));
    if (!response.write(frame)) await once(response, 'drain');
  }
  response.end();
}

/** How many events may have been sent by now. */
function due(start: number, perSecond: number): number {
  return perSecond === 0 ? Infinity : ((performance.now() - start) / 1000) * perSecond;
}
