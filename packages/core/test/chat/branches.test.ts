import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { chatThat } from './support.ts';

type Step = readonly ['send' | 'regenerate' | 'edit' | 'select' | 'cut', number];

const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.tuple(fc.constantFrom('send', 'regenerate', 'edit', 'select', 'cut'), fc.nat(50)),
  { maxLength: 12 },
);

describe('whatever is sent, answered anew, edited, chosen and cut', () => {
  it('one branch is shown, whose messages follow each other, and no branch is lost but by a cut', async () => {
    await fc.assert(
      fc.asyncProperty(steps, async (all) => {
        let count = 0;
        const { chat } = chatThat(() => `Answer ${(count += 1)}`);
        let known = new Set<string>();
        for (const [what, at] of all) {
          const { messages } = chat.getSnapshot();
          const { messages: everywhere } = chat.getThread();
          const message = messages[at % messages.length];
          const users = messages.filter(({ role }) => role === 'user');
          if (what === 'send' || !message) await chat.sendMessage(`Message ${at}`);
          else if (what === 'regenerate') await chat.regenerate(message.id);
          else if (what === 'edit')
            await chat.sendMessage({ text: `Edit ${at}`, messageId: users[at % users.length]?.id });
          else if (what === 'cut') chat.setMessages(messages.slice(0, at % (messages.length + 1)));
          else chat.selectBranch(everywhere[at % everywhere.length]!.id);

          const shown = chat.getSnapshot().messages;
          const ids = chat.getThread().messages.map(({ id }) => id);
          expect(shown.map(({ id }) => id)).toEqual(chat.messageIds.getSnapshot());
          shown.forEach(({ id, parentId }, index) => {
            expect(parentId).toBe(shown[index - 1]?.id);
            expect(chat.branches(id)).toContain(id);
            expect(chat.branches(id).every((sibling) => ids.includes(sibling))).toBe(true);
          });
          expect(new Set(ids).size).toBe(ids.length);
          if (what === 'select' && message)
            expect(shown.map(({ id }) => id)).toContain(everywhere[at % everywhere.length]?.id);
          if (what !== 'cut') expect(ids).toEqual(expect.arrayContaining([...known]));
          known = new Set(ids);
        }
        // All of it, and what is shown, goes through JSON.
        const { chat: again } = chatThat('');
        again.setThread(JSON.parse(JSON.stringify(chat.getThread())) as ReturnType<typeof chat.getThread>);
        expect(again.messageIds.getSnapshot()).toEqual(chat.messageIds.getSnapshot());
        expect(again.getThread().messages).toHaveLength(known.size);
      }),
      { numRuns: 100 },
    );
  });
});
