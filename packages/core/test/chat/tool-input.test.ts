import { createToolInput, tool, toolStateOf, type ChatMessage } from '@rivulet/core/chat';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import * as z from 'zod';
import { eventually } from '../support/client.ts';
import { chatThat, turns, written } from './support.ts';

describe('the arguments of a call', () => {
  it('are read while they come, with how far each path is', () => {
    const read = createToolInput();
    const input = read({ id: 'c', rawInput: '{"city":"Par' });
    expect(input.value).toEqual({ city: 'Par' });
    expect(input.pathStatus('city')).toBe('streaming');
    expect(input.pathStatus('days')).toBe('absent');
    const later = read({ id: 'c', rawInput: '{"city":"Paris","days":[1,2' });
    expect(later.value).toEqual({ city: 'Paris', days: [1] });
    expect(later.pathStatus('city')).toBe('complete');
    expect(later.pathStatus(['days'])).toBe('streaming');
  });

  it('end with what JSON.parse gives, however they are cut, also when another call follows', () => {
    fc.assert(
      fc.property(fc.array(fc.tuple(fc.jsonValue(), fc.array(fc.nat())), { minLength: 1, maxLength: 3 }), (calls) => {
        const read = createToolInput();
        calls.forEach(([value, cuts], index) => {
          const json = JSON.stringify(value);
          const ends = [...new Set(cuts.map((cut) => cut % (json.length + 1)))].toSorted((a, b) => a - b);
          for (const end of ends) read({ id: `c${index}`, rawInput: json.slice(0, end) });
          // A number is complete only with what comes after it.
          expect(read({ id: `c${index}`, rawInput: `${json} ` }).value).toEqual(JSON.parse(json));
        });
      }),
      { numRuns: 100 },
    );
  });

  it('that stop being JSON stay what they were', () => {
    const read = createToolInput();
    read({ id: 'c', rawInput: '{"a":1,' });
    expect(read({ id: 'c', rawInput: '{"a":1,nonsense' }).value).toEqual({ a: 1 });
    expect(read({ id: 'c', rawInput: '{"a":1,nonsense}' }).value).toEqual({ a: 1 });
  });
});

describe('the state of a call', () => {
  const schema = z.object({ city: z.string() });

  function stateIn(message: ChatMessage | undefined) {
    const part = message?.parts.find((one) => one.type === 'tool-call');
    return message && part?.type === 'tool-call' ? toolStateOf(message, part) : undefined;
  }

  it('goes from its arguments to its result', async () => {
    const answer = written();
    let release = (): void => undefined;
    const look = tool({
      inputSchema: schema,
      execute: () =>
        new Promise<string>((resolve) => {
          release = () => resolve('seen');
        }),
    });
    const { chat } = chatThat(turns(answer.reply, 'Done'), { tools: { look } });
    const now = () => stateIn(chat.getSnapshot().messages[1]);
    const sent = chat.sendMessage('1');
    answer.send({ type: 'tool-call-start', index: 0, id: 'c', name: 'look' });
    await eventually(() => now()?.state).toBe('input-streaming');
    answer.send({ type: 'tool-call', index: 0, toolCall: { id: 'c', name: 'look', rawInput: '{"city":"P"}' } });
    answer.send({ type: 'finish', reason: 'tool-calls' });
    answer.finish();
    await eventually(() => now()?.state).toBe('input-available');
    release();
    await sent;
    expect(now()).toMatchObject({ state: 'output-available', result: { output: 'seen' } });
  });

  it.each([true, false])('goes by the decision of a person: %s', async (approved) => {
    const pay = tool({ inputSchema: schema, hasEffects: true, execute: () => 'paid' });
    const { chat } = chatThat(turns({ toolCalls: [{ name: 'pay', input: { city: 'P' } }] }, 'Done'), {
      tools: { pay },
    });
    await chat.sendMessage('1');
    const part = chat.getSnapshot().messages[1]!.parts[0]!;
    expect(stateIn(chat.getSnapshot().messages[1])?.state).toBe('approval-requested');
    await chat.addToolApprovalResponse({ id: part.type === 'tool-call' ? part.approval!.id : '', approved });
    expect(stateIn(chat.getSnapshot().messages[1])?.state).toBe(approved ? 'output-available' : 'output-denied');
  });

  it('is an error for arguments that are wrong', async () => {
    const look = tool({ inputSchema: schema, execute: () => 'seen' });
    const { chat } = chatThat(turns({ toolCalls: [{ name: 'look', input: {} }] }, 'Done'), { tools: { look } });
    await chat.sendMessage('1');
    expect(stateIn(chat.getSnapshot().messages[1])).toMatchObject({ state: 'output-error', result: { isError: true } });
  });
});
