import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { openAIFrames } from '../openai-frames.ts';
import { BURST, PER_SECOND, SERVICE_MS, type ServerReport } from './limit.ts';

const text = 'The river carries silt and light.';
const streamed = openAIFrames([text]).join('');
const whole = JSON.stringify({
  id: 'chatcmpl-CcRvLtT0kEnS9yBq4mX2wZ7aHdJuN',
  object: 'chat.completion',
  created: 1_760_000_000,
  model: 'gpt-4o-mini-2024-07-18',
  choices: [{ index: 0, message: { role: 'assistant', content: text, refusal: null }, finish_reason: 'stop' }],
});

let level = BURST;
let filledMs = performance.now();
let given: number[] = [];
let refused: number[] = [];

/** Takes one from the bucket; else gives how long the next one takes, in ms. */
function take(): number {
  const now = performance.now();
  level = Math.min(BURST, level + ((now - filledMs) * PER_SECOND) / 1000);
  filledMs = now;
  if (level < 1) {
    refused.push(now);
    return Math.ceil(((1 - level) * 1000) / PER_SECOND);
  }
  given.push(now);
  level -= 1;
  return 0;
}

function answer(response: ServerResponse, isStreamed: boolean): void {
  response.writeHead(200, { 'content-type': isStreamed ? 'text/event-stream' : 'application/json' });
  response.end(isStreamed ? streamed : whole);
}

const server = createServer((request, response) => {
  let body = '';
  request.setEncoding('utf8');
  request.on('data', (part: string) => (body += part));
  request.on('end', () => {
    const waitMs = take();
    if (waitMs === 0) {
      setTimeout(() => answer(response, body.includes('"stream":true')), SERVICE_MS);
      return;
    }
    response.writeHead(429, { 'content-type': 'application/json', 'retry-after-ms': String(waitMs) });
    response.end('{"error":{"message":"Too many requests","type":"rate_limit_error"}}');
  });
});

/** Tells what came since the last message, and begins anew with a full bucket. */
process.on('message', () => {
  process.send!({ given, refused } satisfies ServerReport);
  given = [];
  refused = [];
  level = BURST;
  filledMs = performance.now();
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1', () => process.send!((server.address() as AddressInfo).port));
