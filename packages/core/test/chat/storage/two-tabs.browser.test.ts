import { describe, expect, it, onTestFinished } from 'vitest';
import type { TabPage } from './tab-page.ts';
import { textsOf } from '../support.ts';

type Kind = 'idbChats' | 'storageChats';

let count = 0;

function newName(): string {
  count += 1;
  return `tabs-${count}-${Math.random()}`;
}

interface Tab extends TabPage {
  /** Removes the page at once, in the middle of its work. */
  kill(): void;
}

/** Opens the chat in a page with a realm of its own. */
async function openTab(kind: Kind, name: string, isOpenEnded = false): Promise<Tab> {
  const frame = document.createElement('iframe');
  frame.srcdoc = '<script type="module" src="/packages/core/test/chat/storage/tab-page.ts"></script>';
  document.body.append(frame);
  onTestFinished(() => frame.remove());
  await expect.poll(() => frame.contentWindow?.openChat, { timeout: 20_000 }).toBeDefined();
  const page = frame.contentWindow!.openChat!(kind, name, isOpenEnded);
  await expect.poll(() => page.chat.getSnapshot().isRestoring).toBe(false);
  return { ...page, kill: () => frame.remove() };
}

describe.each<Kind>(['idbChats', 'storageChats'])('two tabs with %s', (kind) => {
  it('show the messages of each other, and a reload shows all', async () => {
    const name = newName();
    const a = await openTab(kind, name);
    await a.chat.sendMessage('one');
    const b = await openTab(kind, name);
    await expect.poll(() => textsOf(b.chat)).toEqual(['user: one', 'assistant: Answer']);
    await b.chat.sendMessage('two');
    await expect.poll(() => textsOf(a.chat)).toEqual(textsOf(b.chat));
    expect(textsOf(a.chat)).toHaveLength(4);
    await a.chat.sendMessage('three');
    await expect.poll(() => textsOf(b.chat)).toEqual(textsOf(a.chat));
    const again = await openTab(kind, name);
    expect(textsOf(again.chat)).toEqual([
      'user: one',
      'assistant: Answer',
      'user: two',
      'assistant: Answer',
      'user: three',
      'assistant: Answer',
    ]);
  });

  it('keep what both send at once, as branches', async () => {
    const name = newName();
    const a = await openTab(kind, name);
    await a.chat.sendMessage('one');
    const b = await openTab(kind, name);
    await expect.poll(() => textsOf(b.chat)).toHaveLength(2);
    await Promise.all([a.chat.sendMessage('from a'), b.chat.sendMessage('from b')]);
    await expect.poll(() => a.chat.getThread().messages.length).toBe(6);
    await expect.poll(() => b.chat.getThread().messages.length).toBe(6);
    expect(textsOf(a.chat)).toContain('user: from a');
    expect(textsOf(b.chat)).toContain('user: from b');
    const again = await openTab(kind, name);
    expect(again.chat.getThread().messages).toHaveLength(6);
    expect(again.chat.branches(again.chat.messageIds.getSnapshot()[2]!)).toHaveLength(2);
  });

  it('do not disturb an answer under way', async () => {
    const name = newName();
    const a = await openTab(kind, name);
    await a.chat.sendMessage('one');
    const b = await openTab(kind, name, true);
    const sent = b.chat.sendMessage('long');
    b.say('Half');
    await expect.poll(() => textsOf(b.chat).at(-1)).toBe('assistant: Half');
    await a.chat.sendMessage('meanwhile');
    await expect.poll(() => b.chat.getThread().messages.length).toBe(6);
    expect(textsOf(b.chat)).toEqual(['user: one', 'assistant: Answer', 'user: long', 'assistant: Half']);
    b.say(' and whole');
    b.finish();
    await sent;
    expect(textsOf(b.chat).at(-1)).toBe('assistant: Half and whole');
    await expect
      .poll(() => a.chat.getThread().messages.filter(({ finishReason }) => finishReason === 'stop').length)
      .toBe(3);
  });

  it('are both empty after one has cleared the chat, also after the other sends', async () => {
    const name = newName();
    const a = await openTab(kind, name);
    await a.chat.sendMessage('one');
    const b = await openTab(kind, name);
    await expect.poll(() => textsOf(b.chat)).toHaveLength(2);
    a.chat.clear();
    await expect.poll(() => textsOf(b.chat)).toEqual([]);
    await b.chat.sendMessage('two');
    await expect.poll(() => textsOf(a.chat)).toEqual(['user: two', 'assistant: Answer']);
    expect(textsOf((await openTab(kind, name)).chat)).toEqual(['user: two', 'assistant: Answer']);
  });

  it('loses the messages of an answer under way if the other clears the chat, after its end', async () => {
    const name = newName();
    const a = await openTab(kind, name);
    const b = await openTab(kind, name, true);
    const sent = b.chat.sendMessage('long');
    b.say('Half');
    await expect.poll(() => textsOf(a.chat)).toEqual(['user: long', 'assistant: Half']);
    a.chat.clear();
    await expect.poll(async () => (await b.storage.load('shared'))?.messages).toEqual([]);
    b.say(' and whole');
    await expect.poll(() => textsOf(b.chat).at(-1)).toBe('assistant: Half and whole');
    b.finish();
    await sent;
    await expect.poll(() => textsOf(b.chat)).toEqual([]);
    expect(textsOf((await openTab(kind, name)).chat)).toEqual([]);
  });

  it('loads what was saved of an answer whose tab was closed while it was written', async () => {
    const name = newName();
    const a = await openTab(kind, name);
    await a.chat.sendMessage('one');
    const b = await openTab(kind, name, true);
    void b.chat.sendMessage('long');
    for (let index = 0; index < 20; index += 1) b.say(`word ${index} `.repeat(100));
    await expect.poll(() => textsOf(a.chat)).toHaveLength(4);
    b.say('last');
    b.kill();
    await a.chat.sendMessage('two');
    const again = await openTab(kind, name);
    expect(again.chat.getSnapshot().persistenceError).toBeUndefined();
    expect(textsOf(again.chat).at(-2)).toBe('user: two');
    expect(again.chat.getThread().messages).toHaveLength(6);
    expect(again.chat.getThread().messages[3]).toMatchObject({ finishReason: 'interrupted' });
  });
});
