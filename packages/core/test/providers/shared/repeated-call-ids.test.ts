import { type HttpProvider, type MessageInput, type Part } from '@rivulet/core';
import { agui } from '@rivulet/core/ag-ui';
import { gemini } from '@rivulet/core/gemini';
import { ollama } from '@rivulet/core/ollama';
import { openaiResponses } from '@rivulet/core/openai-responses';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import { describe, expect, it } from 'vitest';

const call = (id: string, name: string, fields: object = {}): Part => ({
  type: 'tool-call',
  id,
  name,
  rawInput: '{}',
  input: {},
  ...fields,
});
const result = (toolCallId: string, output: unknown): Part => ({ type: 'tool-result', toolCallId, output });
const user = (content: string): MessageInput => ({ role: 'user', content });
const assistant = (...parts: Part[]): MessageInput => ({ role: 'assistant', parts });
const tool = (...parts: Part[]): MessageInput => ({ role: 'tool', parts });
const approval = { id: 'approval', approved: true };

/** The body that a provider sends for these messages. */
async function bodyOf(provider: HttpProvider, messages: readonly MessageInput[]): Promise<Record<string, unknown>> {
  const request = { model: 'model-1', messages };
  const { body } = await provider.request(request, { defaults: {}, choose: ({ options }) => options[0] });
  return JSON.parse(body as string) as Record<string, unknown>;
}

/** The objects within a value that have a field. */
function having(value: unknown, field: string): Record<string, unknown>[] {
  if (typeof value !== 'object' || value === null) return [];
  const nested = Object.values(value).flatMap((each) => having(each, field));
  return field in value ? [value as Record<string, unknown>, ...nested] : nested;
}

describe('ids of calls that are used again', () => {
  const api = 'http://127.0.0.1/api';

  it.each<[string, MessageInput[], object[]]>([
    [
      'in another turn',
      [
        user('One'),
        assistant(call('c', 'pay'), result('c', 'paid')),
        user('Two'),
        assistant(call('c', 'pay', { approval })),
      ],
      [
        { state: 'output-available', output: 'paid' },
        { state: 'approval-responded', approval },
      ],
    ],
    [
      'in another step of one message',
      [user('One'), assistant(call('c', 'pay'), result('c', 'paid'), call('c', 'pay', { approval }))],
      [
        { state: 'output-available', output: 'paid' },
        { state: 'approval-responded', approval },
      ],
    ],
    [
      'in another turn, with results in messages of their own',
      [
        user('One'),
        assistant(call('c', 'pay')),
        tool(result('c', 'first')),
        user('Two'),
        assistant(call('c', 'pay')),
        tool(result('c', 'second')),
      ],
      [{ output: 'first' }, { output: 'second' }],
    ],
    [
      'whose earlier call has no result',
      [
        user('One'),
        assistant(call('c', 'pay', { approval: { id: 'a' } })),
        user('Two'),
        assistant(call('c', 'pay'), result('c', 'paid')),
      ],
      [{ state: 'approval-requested' }, { state: 'output-available', output: 'paid' }],
    ],
    [
      'by the same object',
      (() => {
        const shared = call('c', 'pay', { approval });
        return [user('One'), assistant(shared, result('c', 'paid')), user('Two'), assistant(shared)];
      })(),
      [{ state: 'output-available' }, { state: 'approval-responded' }],
    ],
    [
      'and whose result is in the next message of the assistant',
      [user('One'), assistant(call('c', 'pay', { approval })), assistant(result('c', 'paid'))],
      [{ state: 'output-available', output: 'paid' }],
    ],
  ])('%s have their own results in UI messages', async (_, messages, expected) => {
    const body = await bodyOf(uiMessageStream({ api }), messages);

    expect(having(body, 'toolCallId')).toMatchObject(expected);
  });

  const turns = [
    user('One'),
    assistant(call('c', 'clock')),
    tool(result('c', 'noon')),
    user('Two'),
    assistant(call('c', 'pay')),
    tool(result('c', 'paid')),
  ];

  it('have the name of their own call at Ollama', async () => {
    const body = await bodyOf(ollama({}), turns);

    expect(having(body, 'tool_name').map(({ tool_name: name }) => name)).toEqual(['clock', 'pay']);
  });

  it('have the name of their own call at Gemini', async () => {
    const body = await bodyOf(gemini({}), turns);

    expect(having(body, 'functionResponse').map(({ functionResponse }) => functionResponse)).toMatchObject([
      { name: 'clock' },
      { name: 'pay' },
    ]);
  });

  it('have an output of the type of their own call at OpenAI Responses', async () => {
    const custom = call('c', 'patch', { providerMetadata: { openaiResponses: { type: 'custom_tool_call' } } });
    const [first, , ...rest] = turns;
    const body = await bodyOf(openaiResponses({}), [first!, assistant(custom), ...rest]);

    expect(having(body, 'output').map(({ type }) => type)).toEqual(['custom_tool_call_output', 'function_call_output']);
  });

  it('have ids of their own at OpenAI Responses, which refuses an id twice', async () => {
    const item = { providerMetadata: { openaiResponses: { id: 'fc_1', status: 'completed' } } };
    const long = 'x'.repeat(64);
    const body = await bodyOf(openaiResponses({}), [
      user('One'),
      assistant(call('c', 'clock', item), result('c', 'preliminary')),
      tool(result('c', 'noon')),
      assistant(call('c', 'clock', item), call('c-2', 'clock'), call(long, 'clock'), result(long, 'long')),
      tool(result('c', 'one'), result('c-2', 'two')),
      user('Two'),
      assistant(call('c', 'pay', item), call(long, 'pay')),
      tool(result('c', 'paid'), result(long, 'long too')),
    ]);

    const calls = having(body, 'arguments');
    const outputs = having(body, 'output');
    const ids = calls.map(({ call_id: id }) => id as string);
    expect(ids.slice(0, 2)).toEqual(['c', 'c-2']);
    expect(new Set(ids).size).toBe(6);
    expect(Math.max(...ids.map((id) => id.length))).toBe(64);
    expect(outputs.map(({ call_id: id }) => id)).toHaveLength(6);
    const outputOf = (id: string): unknown => outputs.find(({ call_id: callId }) => callId === id)?.['output'];
    expect(ids.map(outputOf)).toEqual(['noon', 'one', 'two', 'long', 'paid', 'long too']);
    expect(calls.filter(({ id }) => id === 'fc_1')).toHaveLength(1);
  });

  it('have their own decisions in AG-UI', async () => {
    const body = await bodyOf(agui({ api }), [
      user('One'),
      assistant(
        call('c', 'pay', { approval: { id: 'one', approved: true } }),
        call('c', 'pay', { approval: { id: 'two' } }),
        call('d', 'pay', { approval: { id: 'three', approved: true } }),
        result('d', 'paid'),
        call('d', 'pay', { approval: { id: 'four', approved: false } }),
      ),
    ]);

    expect(body['resume']).toMatchObject([{ interruptId: 'four' }]);
  });
});
