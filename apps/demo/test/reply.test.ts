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
});
