import { describe, expect, it } from 'vitest';
import { failureOf } from '../../support/client.ts';
import {
  added,
  CALL,
  clientReading,
  completed,
  created,
  done,
  frame,
  response,
  text,
  type Fields,
} from '../../support/responses.ts';
import { problemsOfCompletion } from '../../support/well-formed-answer.ts';

const raw = (json: unknown): string => `data: ${JSON.stringify(json)}\n\n`;
const message = (content: unknown): Fields => ({ type: 'message', id: 'msg_1', content });
const ending = (...output: readonly unknown[]): string =>
  frame('response.completed', { response: response('completed', { output }) });

describe('the Responses API', () => {
  it.each<[string, string, string]>([
    ['a frame that is a number', raw(5), 'the frame is a number'],
    ['a frame that is a list', raw([]), 'the frame is a list'],
    ['a frame that is a string', raw('x'), 'the frame is a string'],
    ['a type that is an object', raw({ type: {}, delta: 'Hi' }), 'type is an object'],
    ['a delta that is an object', frame('response.output_text.delta', { delta: { a: 1 } }), 'delta is an object'],
    ['a delta that is a list', frame('response.output_text.delta', { delta: ['Hi'] }), 'delta is a list'],
    ['a refusal that is a number', frame('response.refusal.delta', { delta: 5 }), 'delta is a number'],
    ['a thought that is a list', frame('response.reasoning_text.delta', { delta: [] }), 'delta is a list'],
    ['a whole text that is an object', frame('response.output_text.done', { text: {} }), 'text is an object'],
    ['a part that is a string', frame('response.content_part.done', { part: 'Hi' }), 'part is a string'],
    [
      'a part whose text is an object',
      frame('response.content_part.done', { part: { type: 'output_text', text: {} } }),
      'part.text is an object',
    ],
    ['an item that is a string', frame('response.output_item.done', { item: 'Hi' }), 'item is a string'],
    ['an item without a type', frame('response.output_item.done', { item: { content: [] } }), 'item.type is undefined'],
    ['content that is a string', done(1, message('Hi')), 'item.content is a string'],
    ['content that is an object', done(1, message({ text: 'Hi' })), 'item.content is an object'],
    ['a piece that is a string', done(1, message(['Hi'])), 'item.content[0] is a string'],
    ['a piece without a type', done(1, message([{ text: 'Hi' }])), 'item.content[0].type is undefined'],
    [
      'a piece whose text is a list',
      done(1, message([{ type: 'output_text', text: ['Hi'] }])),
      'item.content[0].text is a list',
    ],
    ['a summary that is an object', done(1, { type: 'reasoning', summary: {} }), 'item.summary is an object'],
    ['a call without a name', done(1, { ...CALL, name: undefined, arguments: '{}' }), 'item.name is undefined'],
    ['a call with an empty name', done(1, { ...CALL, name: '', arguments: '{}' }), 'item.name'],
    ['a name that is an object', added(1, { ...CALL, name: {} }), 'item.name is an object'],
    ['arguments that are a list', done(1, { ...CALL, arguments: [] }), 'item.arguments is a list'],
    ['arguments that are a number', done(1, { ...CALL, arguments: 7 }), 'item.arguments is a number'],
    [
      'a delta of arguments that is a number',
      added(1, CALL) + frame('response.function_call_arguments.delta', { output_index: 1, delta: 7 }),
      'delta is a number',
    ],
    [
      'arguments of a call that never began',
      frame('response.function_call_arguments.delta', { output_index: 1, delta: '{}' }),
      'item.name',
    ],
    ['a response that is a string', frame('response.completed', { response: 'done' }), 'response is a string'],
    [
      'output that is an object',
      frame('response.completed', { response: response('completed', { output: {} }) }),
      'response.output is an object',
    ],
    ['output with a string', ending('Hi'), 'response.output[0] is a string'],
  ])('rejects %s with a ParseError that names the path', async (_, broken, path) => {
    const error = await failureOf(clientReading(created + text('Hello') + broken + completed).complete('hello'));

    expect(error).toMatchObject({
      name: 'ParseError',
      message: expect.stringContaining(path),
      partial: { text: 'Hello' },
    });
  });

  const OTHERS: readonly unknown[] = [{}, { a: 1 }, [], ['a'], [{}], true, false, 'x', '', -1, 1e308, null];

  it.each(OTHERS)('leaves out secondary values of another type: %j', async (value) => {
    const annotation = {
      type: 'url_citation',
      url: 'https://a.example',
      title: value,
      filename: value,
      file_id: value,
    };
    const usage = { input_tokens: value, output_tokens: value, total_tokens: value, input_tokens_details: value };
    const piece = { type: 'output_text', text: 'Hello', annotations: [annotation, value] };
    const completion = await clientReading(
      frame('response.created', { response: { id: value, model: value, status: value, store: value } }) +
        frame('response.output_item.added', {
          output_index: 0,
          item: { ...message([]), id: value, role: value, phase: value },
        }) +
        frame('response.output_text.delta', {
          output_index: 0,
          item_id: value,
          sequence_number: value,
          delta: 'Hello',
        }) +
        frame('response.output_item.done', {
          output_index: 0,
          item: { ...message([piece]), id: value, status: value },
        }) +
        done(1, { ...CALL, id: value, call_id: value, status: value, created_by: value, arguments: '{}' }) +
        done(2, { type: 'image_generation_call', id: value, status: value, output_format: value, result: 'AAAA' }) +
        done(3, { type: 'mcp_call', id: value, call_id: value, approval_request_id: value }) +
        frame('response.completed', {
          response: response('completed', { id: value, usage, incomplete_details: value, error: value }),
        }),
    ).complete('hello');

    expect(problemsOfCompletion(completion)).toEqual([]);
    expect(completion).toMatchObject({ text: 'Hello', toolCalls: [{ name: 'weather', input: {} }] });
    expect(completion.sources).toMatchObject([{ url: 'https://a.example' }]);
  });
});
