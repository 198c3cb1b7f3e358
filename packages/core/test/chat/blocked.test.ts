import type { MessageInput } from '@rivulet/core';
import type { ScriptedAnswer } from '@rivulet/core/scripted';
import { describe, expect, it } from 'vitest';
import { chatThat, textsOf, turns } from './support.ts';

function sentTexts(messages: readonly MessageInput[] | undefined): string[] {
  return (messages ?? []).map(
    ({ role, content, parts = [] }) =>
      `${role}: ${content ?? parts.map((part) => ('text' in part ? part.text : part.type)).join()}`,
  );
}

describe('an exchange that was blocked', () => {
  it.each<[string, ScriptedAnswer]>([
    ['by a filter of the prompt', { finishReason: 'content-filter' }],
    ['after some reasoning', { reasoning: 'Hm.', finishReason: 'content-filter' }],
    ['by a refusal without text', { finishReason: 'refusal' }],
    ['by a refusal in the middle of the answer', { text: 'First, you', finishReason: 'refusal' }],
  ])('is shown, but not sent again: %s', async (_, blocked) => {
    const { chat, requests } = chatThat(turns('A', blocked, 'B', 'C'));
    await chat.sendMessage('1');
    await chat.sendMessage('bad');
    expect(chat.getSnapshot().messages[3]).toMatchObject({ finishReason: blocked.finishReason });
    await chat.sendMessage('2');
    await chat.sendMessage('3');
    expect(textsOf(chat).filter((text) => text.startsWith('user'))).toEqual([
      'user: 1',
      'user: bad',
      'user: 2',
      'user: 3',
    ]);
    expect(sentTexts(requests[2]?.messages)).toEqual(['user: 1', 'assistant: A', 'user: 2']);
    expect(sentTexts(requests[3]?.messages)).toEqual(['user: 1', 'assistant: A', 'user: 2', 'assistant: B', 'user: 3']);
  });

  it.each<[string, ScriptedAnswer]>([
    ['a refusal in words', { refusal: 'I cannot help with that.' }],
    ['an answer that a filter cut', { text: 'First, you', finishReason: 'content-filter' }],
  ])('does not include %s', async (_, answer) => {
    const { chat, requests } = chatThat(turns(answer, 'B'));
    await chat.sendMessage('1');
    await chat.sendMessage('Why?');
    expect(requests[1]?.messages.map(({ role }) => role)).toEqual(['user', 'assistant', 'user']);
  });

  it('can be answered again, and continued', async () => {
    const { chat, requests } = chatThat(turns({ finishReason: 'content-filter' }, { finishReason: 'refusal' }, 'B'));
    await chat.sendMessage('1');
    await chat.regenerate();
    await chat.continueAnswer();
    expect(requests.map(({ messages }) => sentTexts(messages))).toEqual([['user: 1'], ['user: 1'], ['user: 1']]);
    expect(textsOf(chat)).toEqual(['user: 1', 'assistant: B']);
  });
});
