import { describe, expect, it } from 'vitest';
import { delta, DONE, finish, frame, text } from '../../support/chat-completions.ts';
import { clientReading, failureOf } from '../../support/client.ts';
import { problemsOfCompletion } from '../../support/well-formed-answer.ts';

const call = (fields: object): string => delta({ tool_calls: [{ index: 0, id: 'call_1', ...fields }] });
const called = (fields: object): string => call({ type: 'function', function: fields });

describe('Chat Completions', () => {
  it.each<[string, string, string]>([
    ['a frame that is a number', frame(5), 'the frame is a number'],
    ['a frame that is a string', frame('x'), 'the frame is a string'],
    ['a frame that is a list', frame([]), 'the frame is a list'],
    ['a frame that is a boolean', frame(false), 'the frame is false'],
    ['choices that are an object', frame({ choices: { index: 0 } }), 'choices is an object'],
    ['choices that are a string', frame({ choices: 'Hello' }), 'choices is a string'],
    ['a choice that is a string', frame({ choices: ['Hello'] }), 'choices[0] is a string'],
    ['a delta that is a list', frame({ choices: [{ delta: [{ content: 'Hi' }] }] }), 'choices[0].delta is a list'],
    ['a delta that is a string', frame({ choices: [{ delta: 'Hi' }] }), 'choices[0].delta is a string'],
    ['a message that is a string', frame({ choices: [{ message: 'Hi' }] }), 'choices[0].message is a string'],
    ['content that is an object', delta({ content: { a: 1 } }), 'choices[0].delta.content is an object'],
    ['content that is a number', delta({ content: 0 }), 'choices[0].delta.content is a number'],
    ['content that is a boolean', delta({ content: false }), 'choices[0].delta.content is false'],
    [
      'content of a message that is an object',
      frame({ choices: [{ message: { content: { text: 'Hi' } } }] }),
      'choices[0].message.content is an object',
    ],
    ['a piece that is a number', delta({ content: [7] }), 'choices[0].delta.content[0] is a number'],
    ['a piece without text', delta({ content: [{ a: 1 }] }), 'choices[0].delta.content[0].text is undefined'],
    [
      'text of a piece that is an object',
      delta({ content: [{ type: 'text', text: {} }] }),
      'choices[0].delta.content[0].text is an object',
    ],
    [
      'a thought of a piece that is an object',
      delta({ content: [{ type: 'thinking', thinking: {} }] }),
      'choices[0].delta.content[0].thinking is an object',
    ],
    ['a refusal that is a list', delta({ refusal: ['No'] }), 'choices[0].delta.refusal is a list'],
    ['reasoning that is a number', delta({ reasoning_content: 7 }), 'choices[0].delta.reasoning_content is a number'],
    ['text of the older form that is a list', frame({ choices: [{ text: ['Hi'] }] }), 'choices[0].text is a list'],
    [
      'a transcript that is an object',
      delta({ audio: { id: 'a', transcript: {} } }),
      'choices[0].delta.audio.transcript is an object',
    ],
    ['calls that are a string', delta({ tool_calls: 'weather' }), 'choices[0].delta.tool_calls is a string'],
    ['a call that is a string', delta({ tool_calls: ['weather'] }), 'choices[0].delta.tool_calls[0] is a string'],
    ['a call that is a list', delta({ tool_calls: [[]] }), 'choices[0].delta.tool_calls[0] is a list'],
    ['a function that is a string', call({ function: 'weather' }), 'tool_calls[0].function is a string'],
    ['a name that is an object', called({ name: {} }), 'tool_calls[0].function.name is an object'],
    ['a name that is a number', called({ name: 7 }), 'tool_calls[0].function.name is a number'],
    ['arguments that are a list', called({ name: 'f', arguments: [] }), 'tool_calls[0].function.arguments is a list'],
    ['arguments that are a number', called({ name: 'f', arguments: 7 }), 'function.arguments is a number'],
    ['arguments that are a boolean', called({ name: 'f', arguments: false }), 'function.arguments is false'],
    ['a flat name that is a list', call({ name: [] }), 'tool_calls[0].name is a list'],
    ['a function_call that is a string', delta({ function_call: 'f' }), 'choices[0].delta.function_call is a string'],
    [
      'a function_call whose name is an object',
      delta({ function_call: { name: {} } }),
      'choices[0].delta.tool_calls[0].function.name is an object',
    ],
  ])('rejects %s with a ParseError that names the path', async (_, broken, path) => {
    const error = await failureOf(clientReading([text('Hello') + broken + finish() + DONE]).complete('hello'));

    expect(error).toMatchObject({
      name: 'ParseError',
      message: expect.stringContaining(path),
      partial: { text: 'Hello' },
    });
  });

  it('keeps text of the frame in which a call is broken', async () => {
    const broken = delta({ content: 'Hello', tool_calls: 'weather' });

    expect(await failureOf(clientReading([broken + finish() + DONE]).complete('hello'))).toMatchObject({
      name: 'ParseError',
      message: expect.stringContaining('choices[0].delta.tool_calls is a string'),
      partial: { text: 'Hello' },
    });
  });

  it.each<[string, string, string]>([
    ['with arguments', called({ arguments: '{"city":"Oslo"}' }), 'tool_calls'],
    ['with arguments, and another finish reason', called({ arguments: '{}' }), 'stop'],
    ['with an id only', called({ name: '', arguments: '' }), 'tool_calls'],
    ['with an id only, in an empty answer', called({ name: null }), 'stop'],
    ['behind text', text('Hello') + called({ name: '' }), 'tool_calls'],
    [
      'before a named call',
      called({ arguments: '{}' }) +
        delta({ tool_calls: [{ index: 1, id: 'b', function: { name: 'f', arguments: '{}' } }] }),
      'tool_calls',
    ],
  ])('rejects a call without a name %s', async (_, frames, reason) => {
    for (const end of [DONE, '']) {
      expect(await failureOf(clientReading([frames + finish(reason) + end]).complete('hello'))).toMatchObject({
        name: 'ParseError',
        message: expect.stringContaining('a tool call without a name'),
      });
    }
  });

  it('accepts one call that is not in a list', async () => {
    const { toolCalls } = await clientReading([
      delta({ tool_calls: { id: 'call_1', function: { name: 'weather', arguments: '{}' } } }) + finish() + DONE,
    ]).complete('hello');

    expect(toolCalls).toMatchObject([{ id: 'call_1', name: 'weather', input: {} }]);
  });

  it('accepts the text of the older Completions, once', async () => {
    const legacy = frame({ choices: [{ index: 0, text: 'Hel' }] }) + frame({ choices: [{ index: 0, text: 'lo' }] });
    const both = delta({ content: 'Hel' }, { text: 'Hel' }) + delta({ content: 'lo' }, { text: 'lo' });

    for (const frames of [legacy, both]) {
      expect((await clientReading([frames + finish() + DONE]).complete('hello')).text).toBe('Hello');
    }
  });

  const OTHERS: readonly unknown[] = [{}, { a: 1 }, [], ['a'], [{}], true, false, 'x', '', -1, 1e308, null];

  it.each(OTHERS)('leaves out secondary values of another type: %j', async (value) => {
    const source = { url: value, title: value, url_citation: value };
    const chunk = {
      id: value,
      model: value,
      created: value,
      object: typeof value === 'string' ? 'chat.completion.chunk' : value,
      system_fingerprint: value,
      usage: {
        prompt_tokens: value,
        completion_tokens: value,
        total_tokens: value,
        prompt_tokens_details: value,
        completion_tokens_details: { reasoning_tokens: value },
      },
      citations: value,
      search_results: [source],
    };
    const choice = { index: value === 1e308 ? 0 : value, logprobs: value, finish_reason: null };
    const events = clientReading([
      delta(
        {
          content: 'Hello',
          role: value,
          annotations: [{ type: 'url_citation', url_citation: { url: 'https://a.example', title: value } }],
        },
        choice,
        chunk,
      ) +
        delta({ tool_calls: [{ index: value, id: value, type: value, function: { name: 'f', arguments: '{}' } }] }) +
        frame({ choices: [{ index: 0, delta: {}, finish_reason: 'tool_calls' }], usage: value }) +
        DONE,
    ]);
    const completion = await events.complete('hello');

    expect(problemsOfCompletion(completion)).toEqual([]);
    expect(completion).toMatchObject({
      text: 'Hello',
      toolCalls: [{ name: 'f', input: {} }],
      finishReason: 'tool-calls',
    });
    expect(completion.sources.map(({ url }) => url)).toContain('https://a.example');
  });
});
