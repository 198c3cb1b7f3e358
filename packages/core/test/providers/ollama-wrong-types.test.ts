import { LLMClient } from '@rivulet/core';
import { ollama } from '@rivulet/core/ollama';
import { describe, expect, it } from 'vitest';
import { answering, failureOf } from '../support/client.ts';
import { problemsOfCompletion } from '../support/well-formed-answer.ts';

const line = (json: unknown): string => `${JSON.stringify(json)}\n`;
const say = (message: unknown): string => line({ model: 'model-1', message, done: false });
const calls = (value: unknown): string => say({ role: 'assistant', content: '', tool_calls: value });
const DONE = line({ model: 'model-1', message: { role: 'assistant', content: '' }, done: true, done_reason: 'stop' });

function clientReading(...lines: readonly string[]): LLMClient {
  return new LLMClient({ provider: ollama(), model: 'model-1', retry: false, fetch: answering(lines.join('')) });
}

describe('Ollama', () => {
  it.each<[string, string, string]>([
    ['a line that is a number', line(5), 'the line is a number'],
    ['a line that is a string', line('x'), 'the line is a string'],
    ['a line that is a list', line([]), 'the line is a list'],
    ['a line that is null', line(null), 'the line is null'],
    ['a message that is a list', say(['Hi']), 'message is a list'],
    ['a message that is a number', say(7), 'message is a number'],
    ['content that is an object', say({ content: { a: 1 } }), 'message.content is an object'],
    ['content that is a list', say({ content: ['Hi'] }), 'message.content is a list'],
    ['content that is a number', say({ content: 0 }), 'message.content is a number'],
    ['a thought that is an object', say({ content: '', thinking: {} }), 'message.thinking is an object'],
    ['calls that are a string', calls('weather'), 'message.tool_calls is a string'],
    ['a call that is a string', calls(['weather']), 'message.tool_calls[0] is a string'],
    ['a function that is a string', calls([{ function: 'weather' }]), 'message.tool_calls[0].function is a string'],
    ['a call without a name', calls([{ function: { arguments: {} } }]), 'tool_calls[0].function.name is undefined'],
    ['an empty name', calls([{ function: { name: '', arguments: {} } }]), 'tool_calls[0].function.name'],
    ['an empty call', calls([{}]), 'message.tool_calls[0].name is undefined'],
    ['a name that is an object', calls([{ function: { name: {} } }]), 'tool_calls[0].function.name is an object'],
    ['arguments that are a list', calls([{ function: { name: 'f', arguments: [] } }]), 'function.arguments is a list'],
    ['arguments that are a number', calls([{ function: { name: 'f', arguments: 7 } }]), 'arguments is a number'],
  ])('rejects %s with a ParseError that names the path', async (_, broken, path) => {
    const error = await failureOf(clientReading(say({ content: 'Hello' }), broken, DONE).complete('hello'));

    expect(error).toMatchObject({
      name: 'ParseError',
      message: expect.stringContaining(path),
      partial: { text: 'Hello' },
    });
  });

  it('keeps text of the line in which a call is broken', async () => {
    const error = await failureOf(
      clientReading(say({ content: 'Hello', tool_calls: 'weather' }), DONE).complete('hello'),
    );

    expect(error).toMatchObject({ name: 'ParseError', partial: { text: 'Hello' } });
  });

  it.each(['true', 1, {}, []])('does not end at a `done` that is %j', async (done) => {
    const last = line({ message: { content: '' }, done });

    expect(await failureOf(clientReading(say({ content: 'Hello' }), last).complete('hello'))).toMatchObject({
      name: 'TruncatedError',
      partial: { text: 'Hello' },
    });
  });

  it('accepts one call that is not in a list, and replaces an id that is already used', async () => {
    const call = { id: 'call_1', function: { name: 'f', arguments: { a: 1 } } };
    const { toolCalls } = await clientReading(calls(call), calls([call]), DONE).complete('hello');

    expect(toolCalls).toMatchObject([{ id: 'call_1', input: { a: 1 } }, { input: { a: 1 } }]);
    expect(toolCalls[1]?.id).not.toBe('call_1');
  });

  const OTHERS: readonly unknown[] = [{}, { a: 1 }, [], ['a'], [{}], true, false, 'x', '', -1, 1e308, null];

  it.each(OTHERS)('leaves out secondary values of another type: %j', async (value) => {
    const call = { id: value, type: value, function: { index: value, name: 'f', arguments: {} } };
    const completion = await clientReading(
      line({ model: value, created_at: value, message: { role: value, content: 'Hello', images: value }, done: false }),
      line({ model: value, message: { content: '', tool_calls: [call] }, done: value === true ? false : value }),
      line({ done: true, done_reason: value, prompt_eval_count: value, eval_count: value, total_duration: value }),
    ).complete('hello');

    expect(problemsOfCompletion(completion)).toEqual([]);
    expect(completion).toMatchObject({ text: 'Hello', toolCalls: [{ name: 'f', input: {} }] });
  });
});
