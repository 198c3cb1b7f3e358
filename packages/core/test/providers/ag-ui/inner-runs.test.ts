import { LLMClient, TruncatedError, type Completion } from '@rivulet/core';
import { agui } from '@rivulet/core/ag-ui';
import { describe, expect, it } from 'vitest';
import { answering, failureOf } from '../../support/client.ts';

const started = { type: 'RUN_STARTED', threadId: 'thread-1' };
const finished = { type: 'RUN_FINISHED', threadId: 'thread-1' };

function ask(...events: readonly object[]): Promise<Completion> {
  const fetch = answering(events.map((event) => `data: ${JSON.stringify(event)}\n\n`).join(''));
  return new LLMClient({ provider: agui({ api: 'http://127.0.0.1/agent' }), retry: false, fetch }).complete('hello');
}

describe('a run within the run of the answer', () => {
  const begin = (runId: string, parentRunId?: string): object => ({ ...started, runId, parentRunId });
  const end = (runId: string): object => ({ ...finished, runId });
  const say = (messageId: string, delta: string): object => ({ type: 'TEXT_MESSAGE_CHUNK', messageId, delta });

  it('does not end the answer', async () => {
    const completion = await ask(
      begin('a'),
      say('1', 'Before. '),
      begin('b', 'a'),
      begin('c', 'b'),
      say('2', 'Within. '),
      end('c'),
      end('b'),
      say('3', 'The answer.'),
      end('a'),
    );

    expect(completion).toMatchObject({ id: 'a', text: 'Before. Within. The answer.', finishReason: 'stop' });
  });

  it('is not the end of an answer that breaks off', async () => {
    const error = await failureOf(ask(begin('a'), say('1', 'Before. '), begin('b', 'a'), end('b')));

    expect(error).toBeInstanceOf(TruncatedError);
    expect(error).toMatchObject({ partial: { text: 'Before. ' } });
  });

  it.each<[string, object[]]>([
    ['continues an earlier run', [begin('a', 'earlier'), say('1', 'Hi'), end('a')]],
    ['begins twice', [begin('a'), begin('b'), say('1', 'Hi'), end('b')]],
    ['has another id at its end', [begin('a'), say('1', 'Hi'), end('b')]],
  ])('is not one that %s', async (_, events) => {
    expect(await ask(...events)).toMatchObject({ text: 'Hi', finishReason: 'stop' });
  });
});
