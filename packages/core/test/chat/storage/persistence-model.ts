import { persistChat, type Chat, type ChatStorage } from '@rivulet/core/chat';
import * as fc from 'fast-check';
import { expect } from 'vitest';
import { settled } from '../../support/client.ts';
import { chatThat } from '../support.ts';
import { segmentedChats, testStorage, type TestStorage } from './web-storage.ts';

/** One step of a script: what is done, and a number that chooses where. */
export type Step = readonly [
  (
    | 'send'
    | 'sendStopped'
    | 'regenerate'
    | 'regenerateStopped'
    | 'edit'
    | 'select'
    | 'cut'
    | 'undo'
    | 'clear'
    | 'reload'
    | 'fault'
  ),
  number,
];

export const steps: fc.Arbitrary<Step[]> = fc.array(
  fc.tuple(
    fc.constantFrom(
      'send',
      'send',
      'sendStopped',
      'regenerate',
      'regenerateStopped',
      'edit',
      'select',
      'cut',
      'undo',
      'clear',
      'reload',
      'fault',
    ),
    fc.nat(50),
  ),
  { maxLength: 14 },
);

/** A chat over the storage, which answers each request with the next number. */
export function open(storage: ChatStorage): Chat {
  let count = 0;
  return chatThat(
    () => {
      count += 1;
      return `Answer ${count}`;
    },
    { id: 'x', persistence: persistChat(storage, { retryMs: 1e6 }) },
  ).chat;
}

/** A chat whose answers begin and do not end. */
async function stopped(chat: Chat, start: () => Promise<void>): Promise<void> {
  const sent = start();
  await settled();
  chat.stop();
  await sent;
}

export async function restored(chat: Chat): Promise<Chat> {
  while (chat.getSnapshot().isRestoring) await settled();
  return chat;
}

/** Everything of a chat that a person can see: the shown branch, and the alternatives of each message. */
function visible(chat: Chat): unknown {
  return {
    shown: chat.messageIds.getSnapshot(),
    messages: JSON.parse(JSON.stringify(chat.getThread().messages)),
    branches: chat.getThread().messages.map(({ id }) => chat.branches(id)),
  };
}

async function apply(chat: Chat, [name, at]: Step, web: TestStorage): Promise<void> {
  const { messages } = chat.getSnapshot();
  const all = chat.getThread().messages;
  const message = messages[at % messages.length];
  const users = messages.filter(({ role }) => role === 'user');
  if (name === 'send' || (!message && name !== 'clear' && name !== 'fault')) await chat.sendMessage(`Message ${at}`);
  else if (name === 'sendStopped') await stopped(chat, () => chat.sendMessage(`Stopped ${at}`));
  else if (name === 'regenerate') await chat.regenerate(message?.id);
  else if (name === 'regenerateStopped') {
    const again = chat.regenerate(message?.id);
    chat.stop();
    await again;
  } else if (name === 'edit')
    await chat.sendMessage({ text: `Edit ${at}`, messageId: users[at % users.length]?.id ?? '' });
  else if (name === 'select') chat.selectBranch(all[at % all.length]?.id ?? '');
  else if (name === 'cut') chat.setMessages(messages.slice(0, at % (messages.length + 1)));
  else if (name === 'undo') {
    const thread = chat.getThread();
    chat.clear();
    if (at % 2) await settled();
    chat.setThread(thread);
  } else if (name === 'clear') chat.clear();
  else if (name === 'fault') {
    // The next accesses fail: some reads, or some writes.
    let left = 1 + (at % 3);
    const broken = at % 2 ? 'get' : 'set';
    web.fault = (operation) => {
      if (operation !== broken || left === 0) return;
      left -= 1;
      throw new DOMException('Failed', at % 5 ? 'UnknownError' : 'QuotaExceededError');
    };
  }
}

/** Numbers of places in one segment: most chats have several segments. */
export const segmentSizes: fc.Arbitrary<number> = fc.constantFrom(1, 2, 3, 32);

/** Scripts for two tabs, which take turns. */
export const stepsInTabs: fc.Arbitrary<[number, Step[]][]> = fc.array(fc.tuple(fc.nat(1), steps), { maxLength: 5 });

/** Plays a script on a chat, and expects that each reload shows what the page showed before. */
export async function checkReloads(segmentSize: number, all: readonly Step[]): Promise<void> {
  const web = testStorage();
  let chat = await restored(open(segmentedChats(web, segmentSize)));
  for (const step of all) {
    if (step[0] !== 'reload') {
      await apply(chat, step, web);
      await settled();
      continue;
    }
    web.fault = () => undefined;
    await chat.retryPersistence();
    const before = chat.getThread().messages.map(({ id }) => id);
    // With an odd number the first reads fail, and something is said before they work.
    const isFaulty = step[1] % 2 === 1;
    if (isFaulty) await apply(chat, ['fault', step[1]], web);
    chat = await restored(open(segmentedChats(web, segmentSize)));
    if (!isFaulty) continue;
    await chat.sendMessage('Meanwhile');
    await settled();
    web.fault = () => undefined;
    await chat.retryPersistence();
    expect(chat.getThread().messages.map(({ id }) => id)).toEqual(expect.arrayContaining(before));
    expect(chat.getSnapshot().messages.at(-2)?.parts).toMatchObject([{ text: 'Meanwhile' }]);
  }
  web.fault = () => undefined;
  await chat.retryPersistence();
  await settled();
  expect(chat.getSnapshot().persistenceError).toBeUndefined();
  const again = await restored(open(segmentedChats(web, segmentSize)));
  expect(visible(again)).toEqual(visible(chat));
}

/** Plays scripts in two tabs, and expects that both show what is kept once they have read it. */
export async function checkTwoTabs(
  segmentSize: number,
  all: readonly (readonly [number, readonly Step[]])[],
): Promise<void> {
  const web = testStorage();
  const tabs = [open(segmentedChats(web, segmentSize)), open(segmentedChats(web, segmentSize))];
  for (const tab of tabs) await restored(tab);
  for (const [at, script] of all) {
    const tab = tabs[at];
    for (const step of script.slice(0, 4)) {
      if (!tab || step[0] === 'reload') continue;
      await apply(tab, step, web);
      await settled();
    }
  }
  web.fault = () => undefined;
  for (const tab of [...tabs, ...tabs]) await tab.retryPersistence();
  await settled();
  const again = await restored(open(segmentedChats(web, segmentSize)));
  const ids = again
    .getThread()
    .messages.map(({ id }) => id)
    .toSorted();
  for (const tab of tabs) {
    expect(
      tab
        .getThread()
        .messages.map(({ id }) => id)
        .toSorted(),
    ).toEqual(ids);
    expect(tab.getSnapshot().persistenceError).toBeUndefined();
    const parents = new Map(tab.getThread().messages.map(({ id, parentId }) => [id, parentId]));
    for (const { id, parentId } of again.getThread().messages) expect(parents.get(id)).toBe(parentId);
  }
}

/** Plays a script in one tab while another one only reads, and expects that a reload shows what the first one showed. */
export async function checkIdleTab(segmentSize: number, all: readonly Step[]): Promise<void> {
  const web = testStorage();
  const active = await restored(open(segmentedChats(web, segmentSize)));
  const idle = await restored(open(segmentedChats(web, segmentSize)));
  for (const step of all) {
    if (step[0] === 'reload' || step[0] === 'fault') continue;
    await apply(active, step, web);
    await settled();
    // It does not hear of each change by itself.
    if (step[1] % 3 > 0) await idle.retryPersistence();
  }
  await idle.retryPersistence();
  await settled();
  const again = await restored(open(segmentedChats(web, segmentSize)));
  expect(visible(again)).toEqual(visible(active));
}
