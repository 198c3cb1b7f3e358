import { describe, expect, it } from 'vitest';
import { readQuestion } from '../server/reply/question.ts';
import { composeReply } from '../server/reply/reply.ts';

function reply(prompt: string, fields: Record<string, unknown> = {}) {
  return composeReply(
    readQuestion({ model: 'rivulet-demo', temperature: 0, ...fields, messages: [{ role: 'user', content: prompt }] }),
    { thinks: false, charactersPerToken: 4 },
  );
}

describe('the offline model', () => {
  it.each([
    '',
    '   ',
    '?',
    'asdf',
    'hi',
    'Why do cats purr?',
    'Was ist ein Fluss?',
    '写一首关于雨的诗',
    '🌊🌊🌊',
    'Compare',
    'Write code',
    'a'.repeat(5000),
    'constructor __proto__ toString',
  ])('answers any prompt, and says what it is: %j', (prompt) => {
    const { content, finishReason } = reply(prompt);
    expect(content).toMatch(/offline demo model/);
    expect(content.length).toBeGreaterThan(150);
    expect(content).not.toMatch(/undefined|NaN|\[object/);
    expect(finishReason).toBe('stop');
  });

  it('answers with what was asked for', () => {
    expect(reply('Write a TypeScript debounce function').content).toMatch(/```ts\n[^]*clearTimeout[^]*\n```/);
    expect(reply('Write a Python script that sorts photos').content).toContain('```python');
    expect(reply('Give me tips for a calm morning').content).toMatch(/^1\. .*\n2\. /m);
    expect(reply('Write a haiku about rust').content).not.toContain('```');
    expect(reply('Compare tabs and spaces').content).toContain('# Tabs and spaces');
    expect(reply('Tell me about lighthouses').content.toLowerCase()).toContain('lighthouses');
  });

  it('is long when a long answer is asked for', () => {
    const short = reply('Explain photosynthesis').content;
    const long = reply('Explain photosynthesis in a long essay').content;
    expect(long.length).toBeGreaterThan(2 * short.length);
  });

  it('reasons when it is asked to think, and otherwise not', () => {
    expect(reply('Think: how many piano tuners does Lisbon have?').reasoning).toContain('Fermi');
    expect(reply('Explain tides').reasoning).toBeUndefined();
  });

  it('obeys the limit on tokens, and says so', () => {
    const { content, finishReason, usage } = reply('Explain tides', { max_tokens: 10 });
    expect(content).toHaveLength(40);
    expect(finishReason).toBe('length');
    expect(usage?.completion_tokens).toBe(10);
  });

  it('gives the same answer at temperature 0, and others above', () => {
    expect(reply('Explain zeppelins').content).toBe(reply('Explain zeppelins').content);
    const answers = Array.from({ length: 12 }, () => reply('Explain zeppelins', { temperature: 1 }).content);
    expect(new Set(answers).size).toBeGreaterThan(1);
  });

  it('shows all that Markdown has', () => {
    const { content } = reply('Show me what Markdown can do about rivers and stones');
    for (const element of [
      /^# /m,
      /^## /m,
      /^ {3}- /m,
      /^ {5}- /m,
      /^ {3}1\. /m,
      /^- \[x\] /m,
      /^\| :--- \|/m,
      /^```ts\n/m,
      /^```python\n/m,
      /\]\(https:/,
      /\*\*\w/,
      /~~\w/,
      /^> > /m,
      /\[\^1\]/,
      /^\[\^1\]: /m,
    ]) {
      expect(content).toMatch(element);
    }
  });

  it('writes several thousand characters on request, within the usual limit', () => {
    const { content, finishReason } = reply('A long text in Markdown about rivers, stones and light', {
      max_tokens: 2000,
    });
    expect(content.length).toBeGreaterThan(5000);
    expect(finishReason).toBe('stop');
  });

  const tool = (name: string, properties: Record<string, object>) => ({
    type: 'function',
    function: { name, parameters: { type: 'object', properties, required: Object.keys(properties) } },
  });
  const string = { type: 'string' };
  const number = { type: 'number' };
  const tools = [
    tool('clock', { city: string }),
    tool('calculate', { a: number, b: number, operator: { enum: ['add', 'multiply'] } }),
    tool('delete_thread', { reason: string }),
  ];
  const calls = (prompt: string, fields: Record<string, unknown> = {}) =>
    reply(prompt, { tools, ...fields }).toolCalls?.map((call) => [call.name, JSON.parse(call.arguments) as unknown]);

  it('calls the tools that the prompt asks for, in the words of their schemas', () => {
    expect(calls('What time is it in Tokyo and in New York?')).toEqual([
      ['clock', { city: 'Tokyo' }],
      ['clock', { city: 'New York' }],
    ]);
    expect(calls('What is 12 times 1,500?')).toEqual([['calculate', { a: 12, b: 1500, operator: 'multiply' }]]);
    expect(calls('Delete this thread')).toEqual([['delete_thread', { reason: 'Delete this thread' }]]);
    expect(calls('Explain tides')).toBeUndefined();
    expect(calls('What is 1 + 1?', { tool_choice: 'none' })).toBeUndefined();
    expect(calls('Explain tides', { tool_choice: 'required' })).toHaveLength(1);
  });

  it('breaks the arguments on request, and writes them again when they come back as an error', () => {
    const broken = reply('What time is it in Tokyo? Break the arguments.', { tools }).toolCalls?.[0];
    expect(() => JSON.parse(broken?.arguments ?? '') as unknown).toThrow();
    const again = composeReply(
      readQuestion({
        tools,
        messages: [
          { role: 'user', content: 'What time is it in Tokyo? Break the arguments.' },
          {
            role: 'assistant',
            tool_calls: [{ id: '1', function: { name: 'clock', arguments: broken?.arguments } }],
          },
          { role: 'tool', tool_call_id: '1', content: 'The arguments are not JSON' },
        ],
      }),
      { thinks: false, charactersPerToken: 4 },
    );
    expect(again.toolCalls).toEqual([{ name: 'clock', arguments: '{"city":"Tokyo"}' }]);
  });

  it('breaks an object that is asked for by a tool as it does one in text', () => {
    const answer = tool('answer', { title: string, total: number });
    const ask = (line: string) =>
      reply(`Pine, total: 12\n\n${line}`, {
        tools: [answer],
        tool_choice: { type: 'function', function: { name: 'answer' } },
      });
    expect(ask('Thank you.').toolCalls).toEqual([{ name: 'answer', arguments: '{"title":"Pine","total":12}' }]);
    expect(ask('Cut the answer off').cutAt).toBeGreaterThan(10);
    expect(ask('Ignore the schema').toolCalls?.[0]?.arguments).toContain('"not sure"');
    expect(ask('Reach the token limit')).toMatchObject({ finishReason: 'length', toolCalls: [{ name: 'answer' }] });
    expect(ask('Refuse')).toMatchObject({ finishReason: 'refusal' });
    expect(ask('Refuse').toolCalls).toBeUndefined();
  });

  it.each([' ', '1', '\t', 'a. ', ' \n', '(1+', 'total 1 ', '1 a and ', '| 1 | a '])(
    'answers a long run of %j before anyone loses patience',
    (piece) => {
      const prompt = piece.repeat(200_000 / piece.length);
      const schema = {
        type: 'object',
        properties: { total: number, items: { type: 'array', items: string }, to: string },
      };
      // What is searched is bounded. Without a bound each of these takes minutes.
      expect(reply(prompt, { tools: [tool('calculator', { total: number, to: string })] }).finishReason).toBeDefined();
      expect(reply(prompt, { response_format: { json_schema: { schema } } }).content).toMatch(/^\{/);
    },
    10_000,
  );
});
