import type { Message, Part } from '@rivulet/core';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chatThat, turns } from './support.ts';

/**
 * The parts of an answer, step by step; ids begin anew with each step, as some servers have it. Only calls of the last step
 * may lack a result: the model is not asked again before.
 */
const steps: fc.Arbitrary<readonly Part[]> = fc
  .array(
    fc.record({
      text: fc.option(fc.string({ minLength: 1, maxLength: 5 }), { nil: undefined }),
      answered: fc.array(fc.boolean(), { maxLength: 3 }),
      isReversed: fc.boolean(),
    }),
    { maxLength: 4 },
  )
  .map((all) =>
    all.flatMap(({ text, answered, isReversed }, step): Part[] => {
      const calls = answered.map((_, index): Part => ({
        type: 'tool-call',
        id: `c${index}`,
        name: 'look',
        rawInput: '{}',
      }));
      const results = answered.flatMap((isAnswered, index): Part[] =>
        isAnswered || step < all.length - 1
          ? [{ type: 'tool-result', toolCallId: `c${index}`, name: 'look', output: index }]
          : [],
      );
      return [
        ...(text === undefined ? [] : [{ type: 'text' as const, text }]),
        ...calls,
        ...(isReversed ? results.toReversed() : results),
      ];
    }),
  );

const textsIn = (parts: readonly Part[]): string[] =>
  parts.flatMap((part) => (part.type === 'text' ? [part.text] : []));
const callsIn = (parts: readonly Part[]): string[] =>
  parts.flatMap((part) => (part.type === 'tool-call' ? [part.id] : []));

describe('an answer with tools, as it is sent', () => {
  it('has all that was said and called, and one result for each call, right after the step that made it', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (parts) => {
        const { chat, requests } = chatThat(turns('Done'), {
          messages: [
            { id: 'u', role: 'user', content: 'Hi' },
            { id: 'a', role: 'assistant', parts },
          ],
        });
        await chat.sendMessage('More');
        const sent = requests[0]?.messages as Message[];
        expect(sent[0]).toMatchObject({ id: 'u' });
        expect(sent.at(-1)).toMatchObject({ role: 'user', parts: [{ text: 'More' }] });
        const answer = sent.slice(1, -1);
        expect(textsIn(answer.flatMap((message) => message.parts))).toEqual(textsIn(parts));
        expect(callsIn(answer.flatMap((message) => message.parts))).toEqual(callsIn(parts));
        answer.forEach((message, index) => {
          const before = answer[index - 1];
          if (message.role === 'tool') {
            const ids = message.parts.map((part) => (part.type === 'tool-result' ? part.toolCallId : part.type));
            expect(before?.role).toBe('assistant');
            expect(ids.toSorted()).toEqual(callsIn(before?.parts ?? []).toSorted());
          } else {
            expect(message.parts.length).toBeGreaterThan(0);
            expect(callsIn(message.parts).length > 0).toBe(answer[index + 1]?.role === 'tool');
          }
        });
      }),
      { numRuns: 200 },
    );
  });
});
