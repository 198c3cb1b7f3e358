import type { ChatMessage } from '@rivulet/core/chat';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createMessageTree } from '../../src/chat/message-tree.ts';
import { growthOf, LINEAR } from '../support/growth.ts';
import { chatThat } from './support.ts';

function message(id: string, parentId?: string): ChatMessage {
  return { id, role: 'user', parts: [{ type: 'text', text: id }], parentId };
}

const anyId = fc.constantFrom('a', 'b', 'c', 'd', '', '__proto__', 'constructor');
const anyMessage = fc
  .record({ id: fc.option(anyId, { nil: undefined }), parentId: fc.option(anyId, { nil: undefined }) })
  .map(({ id, parentId }) => Object.assign(message('', parentId), { id }) as ChatMessage);

describe('setThread', () => {
  it.each<[string, ChatMessage[], number]>([
    ['its own parent', [message('a', 'a'), message('b', 'a')], 2],
    ['a circle of two', [message('a', 'b'), message('b', 'a')], 2],
    ['a circle behind a message', [message('x', 'a'), message('a', 'c'), message('b', 'a'), message('c', 'b')], 4],
    ['an unknown parent', [message('a', 'nowhere'), message('b', 'a')], 2],
    ['a parent that comes later', [message('b', 'a'), message('a')], 2],
    ['an empty id', [message(''), message('b', '')], 2],
    ['an id that occurs twice', [message('a'), message('a'), message('b', 'a')], 3],
  ])('keeps all messages with %s', (_, messages, count) => {
    const { chat } = chatThat('');
    chat.setThread({ messages, head: messages.at(-1)?.id });
    const thread = chat.getThread();
    expect(thread.messages).toHaveLength(count);
    expect(new Set(thread.messages.map(({ id }) => id)).size).toBe(count);
    for (const { id } of thread.messages) expect(id).not.toBe('');
  });

  it('shows the last message if the head is unknown', () => {
    const { chat } = chatThat('');
    chat.setThread({ messages: [message('a'), message('b', 'a')], head: 'gone' });
    expect(chat.messageIds.getSnapshot()).toEqual(['a', 'b']);
  });

  it('attaches a message to a parent that comes later in the list', () => {
    const { chat } = chatThat('');
    chat.setThread({ messages: [message('b', 'a'), message('a')], head: 'b' });
    expect(chat.messageIds.getSnapshot()).toEqual(['a', 'b']);
  });
});

describe('setMessages', () => {
  it('shows all messages of a list with repeated and empty ids', () => {
    const { chat } = chatThat('');
    chat.setMessages([message('a'), message('a'), message(''), message('b')]);
    const { messages } = chat.getSnapshot();
    expect(messages.map(({ parts }) => parts[0])).toMatchObject([
      { text: 'a' },
      { text: 'a' },
      { text: '' },
      { text: 'b' },
    ]);
    expect(new Set(messages.map(({ id }) => id)).size).toBe(4);
  });
});

type Operation =
  | { readonly name: 'open' | 'replace' | 'merge'; readonly messages: readonly ChatMessage[] }
  | { readonly name: 'put'; readonly message: ChatMessage }
  | { readonly name: 'remove' | 'show' | 'end'; readonly at: number };

const operation: fc.Arbitrary<Operation> = fc.oneof(
  fc.record({
    name: fc.constantFrom('open' as const, 'replace' as const, 'merge' as const),
    messages: fc.array(anyMessage, { maxLength: 6 }),
  }),
  fc.record({ name: fc.constant('put' as const), message: anyMessage.filter(({ id }) => typeof id === 'string') }),
  fc.record({ name: fc.constantFrom('remove' as const, 'show' as const, 'end' as const), at: fc.nat(10) }),
);

describe('a tree after any operations', () => {
  it('shows one branch without repetition, and lists each message among its siblings once', () => {
    fc.assert(
      fc.property(fc.array(operation, { maxLength: 10 }), (operations) => {
        const tree = createMessageTree();
        for (const step of operations) {
          const { messages } = tree.all();
          if (step.name === 'open') tree.open({ messages: step.messages, head: step.messages[0]?.id });
          else if (step.name === 'replace') tree.replace(step.messages);
          else if (step.name === 'merge') tree.merge({ messages: step.messages.filter(({ id }) => id), follows: true });
          else if (step.name === 'put') tree.put(step.message);
          else if ('at' in step && step.name === 'remove')
            tree.remove(messages[step.at % messages.length]?.id ?? '', undefined);
          else if ('at' in step) tree.show(messages[step.at % messages.length]?.id, step.name === 'end');

          const all = tree.all().messages;
          const ids = tree.ids();
          expect(tree.shown().map(({ id }) => id)).toEqual(ids);
          expect(new Set(ids).size).toBe(ids.length);
          expect(new Set(all.map(({ id }) => id)).size).toBe(all.length);
          tree.shown().forEach(({ parentId }, index) => {
            if (index > 0) expect(parentId).toBe(ids[index - 1]);
          });
          for (const { id } of all) {
            expect(tree.siblings(id).filter((sibling) => sibling === id)).toHaveLength(1);
            expect(tree.pathTo(id).length).toBeLessThanOrEqual(all.length);
          }
          for (const shown of tree.shown()) expect(tree.get(shown.id)).toBe(shown);
        }
      }),
      { numRuns: 500 },
    );
  });
});

describe('replace', () => {
  it('keeps branches of kept messages, removes branches of removed ones, and does not reorder alternatives', () => {
    const tree = createMessageTree();
    tree.open({
      messages: [message('a'), message('b1', 'a'), message('b2', 'a'), message('c1', 'b1'), message('c2', 'b2')],
      head: 'c2',
    });
    tree.replace([message('a'), message('b2')]);
    expect(tree.all().messages.map(({ id }) => id)).toEqual(['a', 'b1', 'b2', 'c1']);
    expect(tree.siblings('b2')).toEqual(['b1', 'b2']);
    expect(tree.ids()).toEqual(['a', 'b2']);
  });
});

describe('merge', () => {
  it('adds earlier messages before the first one, and keeps the shown end', () => {
    const tree = createMessageTree();
    tree.open({ messages: [message('c', 'b'), message('d', 'c')], head: 'd' });
    expect(tree.ids()).toEqual(['c', 'd']);
    expect(tree.shown()[0]?.parentId).toBe('b');
    tree.merge({ earlier: [message('a'), message('b', 'a'), message('b2', 'a')] });
    expect(tree.ids()).toEqual(['a', 'b', 'c', 'd']);
    expect(tree.siblings('b')).toEqual(['b', 'b2']);
  });

  it('shows a message that continues the shown branch, and no other', () => {
    const tree = createMessageTree();
    tree.open({ messages: [message('a'), message('b', 'a')], head: 'b' });
    tree.merge({ messages: [message('b2', 'a')], follows: true });
    expect(tree.ids()).toEqual(['a', 'b']);
    tree.merge({ messages: [message('c', 'b')], follows: false });
    expect(tree.ids()).toEqual(['a', 'b']);
    tree.merge({ messages: [message('d', 'b')], follows: true });
    expect(tree.ids()).toEqual(['a', 'b', 'd']);
  });

  it('removes messages, and shows the rest of the branch', () => {
    const tree = createMessageTree();
    tree.open({ messages: [message('a'), message('b', 'a'), message('c', 'b')], head: 'c' });
    tree.merge({ removed: ['b'] });
    expect(tree.ids()).toEqual(['a', 'c']);
    tree.merge({ removed: ['a', 'c'] });
    expect(tree.ids()).toEqual([]);
  });
});

describe('the cost', () => {
  it.each<[string, (count: number) => void]>([
    [
      'of putting alternatives of one message',
      (count) => {
        const tree = createMessageTree();
        for (let index = 0; index < count; index += 1) tree.put(message(`m${index}`, 'root'));
        for (let index = 0; index < count; index += 1) expect(tree.siblings(`m${index}`).length).toBe(count);
      },
    ],
    [
      'of putting and removing messages in a row',
      (count) => {
        const tree = createMessageTree();
        for (let index = 0; index < count; index += 1)
          tree.put(message(`m${index}`, index ? `m${index - 1}` : undefined));
        for (let index = count - 1; index > 0; index -= 1) tree.remove(`m${index}`, `m${index - 1}`);
        expect(tree.ids()).toEqual(['m0']);
      },
    ],
    [
      'of opening and replacing a long thread with branches',
      (count) => {
        const tree = createMessageTree();
        const messages = Array.from({ length: count }, (_, index) =>
          message(`m${index}`, index > 1 ? `m${index - 2}` : undefined),
        );
        tree.open({ messages, head: messages.at(-1)?.id });
        tree.replace(tree.shown().slice(0, -1));
        tree.replace([message('only')]);
      },
    ],
  ])('%s is linear', async (_, work) => {
    const growth = await growthOf(async (count) => work(count), 1400);
    expect(growth).toBeLessThan(LINEAR);
  });
});
