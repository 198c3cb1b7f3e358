import { persistChat, type ChatStorage, type StoredChat, type StoredMessage } from '@rivulet/core/chat';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settled } from '../../support/client.ts';
import { chatThat, textsOf, turns } from '../support.ts';
import { segmentedChats, testStorage, type TestStorage } from './web-storage.ts';

const PREFIX = 'rivulet-chat:';

function message(id: string, parentId?: string, revision = 1): StoredMessage {
  return { id, parentId, revision, message: { id, role: 'user', parts: [{ type: 'text', text: id }], parentId } };
}

function added(id: string, parentId?: string, before?: string): StoredMessage {
  return { ...message(id, parentId), isNew: true, before };
}

function idsOf(count: number): string[] {
  return Array.from({ length: count }, (_, at) => `m${at}`);
}

/** Saves messages that follow each other, each with a save of its own. */
async function saveEach(storage: ChatStorage, ids: readonly string[]): Promise<void> {
  for (const [at, id] of ids.entries()) {
    await storage.save('x', { put: [added(id, ids[at - 1])], removed: [], head: id, firstWords: ids[0] });
  }
}

async function loadedIds(storage: ChatStorage): Promise<readonly string[]> {
  const loaded = await storage.load('x');
  expect(loaded?.unreadable).toEqual([]);
  return loaded?.messages.map(({ id }) => id) ?? [];
}

function keysOf(web: TestStorage, kind: string): string[] {
  return [...web.items.keys()].filter((key) => key.startsWith(`${PREFIX}["${kind}"`));
}

/** A chat as it was written when all places were in the record of the chat. */
function firstFormat(ids: readonly string[], removed: readonly string[] = []): TestStorage {
  const web = testStorage();
  const places = ids.map((id, at) => [id, ids[at - 1] ?? null, 1]);
  const chat = { version: 1, title: 'Kept', createdAt: 1, updatedAt: 2, head: ids.at(-1), places, removed };
  web.items.set(`${PREFIX}["chat","x"]`, JSON.stringify(chat));
  for (const [at, id] of ids.entries()) {
    const { message: value } = message(id, ids[at - 1]);
    web.items.set(
      `${PREFIX}${JSON.stringify(['message', 'x', id])}`,
      JSON.stringify({ version: 1, revision: 1, message: value }),
    );
  }
  return web;
}

describe('the segments of a chat', () => {
  it('are written once, when they are full', async () => {
    const web = testStorage();
    const storage = segmentedChats(web, 3);
    const writes = new Map<string, number>();
    web.fault = (operation, key) => {
      if (operation === 'set') writes.set(key, (writes.get(key) ?? 0) + 1);
    };
    await saveEach(storage, idsOf(20));
    expect(keysOf(web, 'segment')).toHaveLength(6);
    for (const key of keysOf(web, 'segment')) expect(writes.get(key)).toBe(1);
    expect(await loadedIds(storage)).toEqual(idsOf(20));
    expect(await storage.list()).toMatchObject([{ title: 'm0', messageCount: 20 }]);
  });

  it('are read for a changed message one by one', async () => {
    const web = testStorage();
    const storage = segmentedChats(web, 3);
    await saveEach(storage, idsOf(20));
    const read: string[] = [];
    web.fault = (operation, key) => {
      if (operation === 'get' && key.includes('segment')) read.push(key);
    };
    await storage.save('x', { put: [message('m4', 'm3', 2)], removed: ['m10'], head: 'm19' });
    expect(read.toSorted()).toEqual([`${PREFIX}["segment","x","1"]`, `${PREFIX}["segment","x","3"]`]);
    const loaded = await storage.load('x');
    expect(loaded?.messages).toHaveLength(19);
    expect(loaded?.messages[4]).toMatchObject({ id: 'm4', revision: 2 });
    expect(await storage.list()).toMatchObject([{ messageCount: 19 }]);
  });

  it('keep the order of messages that are saved later than the ones after them', async () => {
    const storage = segmentedChats(testStorage(), 2);
    await saveEach(storage, ['a', 'z']);
    // More of them than there are numbers between two places.
    const between = Array.from({ length: 80 }, (_, at) => `b${at}`);
    for (const id of between) await storage.save('x', { put: [added(id, 'a', 'z')], removed: [], head: 'z' });
    await storage.save('x', { put: [added('0', undefined, 'a'), added('1', undefined, 'a')], removed: [], head: 'z' });
    expect(await loadedIds(storage)).toEqual(['0', '1', 'a', ...between, 'z']);
  });

  it('keep all messages if two new ones name each other', async () => {
    const storage = segmentedChats(testStorage(), 2);
    const put = [added('a', undefined, 'b'), added('b', undefined, 'a'), added('c', undefined, 'b')];
    await storage.save('x', { put, removed: [], head: 'c' });
    expect((await loadedIds(storage)).toSorted()).toEqual(['a', 'b', 'c']);
  });
});

describe('a chat of the format in which one record has all places', () => {
  it.each([1, 2, 32])('is read, saved in segments of %i, and keeps its order and title', async (segmentSize) => {
    const ids = idsOf(9);
    const web = firstFormat(ids, ['gone']);
    const storage = segmentedChats(web, segmentSize);
    expect(await storage.list()).toMatchObject([{ id: 'x', title: 'Kept', createdAt: 1, messageCount: 9 }]);
    expect(await storage.load('x')).toMatchObject({ head: 'm8', removed: ['gone'], unreadable: [] });
    const put = [message('m3', 'm2', 2), added('m9', 'm8'), message('gone', 'm1')];
    expect(await storage.save('x', { put, removed: ['m5'], head: 'm9' })).toEqual({ failures: [], removed: ['gone'] });
    expect(await loadedIds(storage)).toEqual([...ids.filter((id) => id !== 'm5'), 'm9']);
    expect(await storage.load('x')).toMatchObject({ removed: ['gone', 'm5'], head: 'm9' });
    expect(await storage.list()).toMatchObject([{ title: 'Kept', messageCount: 9 }]);
    const page = await storage.load('x', { limit: 2 });
    expect(page).toMatchObject({ messages: [{ id: 'm8' }, { id: 'm9' }], hasEarlier: true });
  });

  it('loses nothing if there is no room for segments', async () => {
    const ids = idsOf(200);
    const web = firstFormat(ids);
    let taken = 0;
    for (const [key, value] of web.items) taken += key.length + value.length;
    web.room = taken + 1200;
    const storage = segmentedChats(web, 32);
    await storage.save('x', { put: [added('new', 'm199')], removed: [], head: 'new' });
    expect(await loadedIds(storage)).toEqual([...ids, 'new']);
    web.room = Infinity;
    await storage.save('x', { put: [message('m3', 'm2', 2)], removed: ['m0'], head: 'new' });
    expect(await loadedIds(storage)).toEqual([...ids.slice(1), 'new']);
    expect(keysOf(web, 'segment').length).toBeGreaterThan(4);
  });
});

describe('ids of removed messages', () => {
  it('hold against later saves, however many there are, and need no large record', async () => {
    const web = testStorage();
    const storage = segmentedChats(web, 32);
    const ids = idsOf(500);
    await storage.save('x', { put: ids.map((id) => added(id)), removed: [], head: 'm0' });
    await storage.clear('x');
    expect(web.items.get(`${PREFIX}["chat","x"]`)?.length).toBeLessThan(500);
    expect(new Set((await storage.load('x'))?.removed)).toEqual(new Set(ids));
    const late = await storage.save('x', { put: [message('m7', undefined, 9), added('m8')], removed: [], head: 'm8' });
    expect(late).toEqual({ failures: [], removed: ['m7'] });
    expect(await loadedIds(storage)).toEqual(['m8']);
    expect((await storage.load('x'))?.removed).not.toContain('m8');
    expect(keysOf(web, 'segment')).toEqual([]);
  });
});

describe('a damaged record', () => {
  it('of a chat with many segments loses no message, whichever it is', { timeout: 60_000 }, async () => {
    const ids = idsOf(9);
    const whole = testStorage();
    await saveEach(segmentedChats(whole, 2), ids);
    expect(keysOf(whole, 'segment')).toHaveLength(4);
    for (const [key, value] of whole.items) {
      const isMessage = key.includes('"message"');
      for (const cut of ['', value.slice(0, value.length / 2), '{}', '[]', '{"version":1,"places":[[5]]}', undefined]) {
        // A chat without a record is another case: it is empty.
        if (cut === undefined && !key.includes('segment')) continue;
        const web = testStorage();
        for (const [name, item] of whole.items) web.items.set(name, item);
        if (cut === undefined) web.items.delete(key);
        else web.items.set(key, cut);
        const storage = segmentedChats(web, 2);
        const loaded = await storage.load('x');
        expect(loaded?.unreadable).toHaveLength(1);
        expect(loaded?.messages.map(({ id }) => id)).toEqual(ids);
        await storage.save('x', { put: [message('m2', 'm1', 2), added('new', 'm8')], removed: ['m5'], head: 'new' });
        if (cut !== undefined && key !== `${PREFIX}["message","x","m5"]`)
          expect([...web.items.values()]).toContain(cut);
        const readable = [...ids.filter((id) => id !== 'm5'), 'new'];
        const again = await storage.load('x');
        expect(again?.messages.map(({ id }) => id)).toEqual(readable);
        await storage.discardUnreadable?.('x');
        if (cut !== undefined) expect([...web.items.values()]).not.toContain(cut);
        const isLost = isMessage && !/"m[25]"\]$/.test(key);
        expect(await loadedIds(storage)).toEqual(
          isLost ? readable.filter((id) => !key.endsWith(`"${id}"]`)) : readable,
        );
      }
    }
  });

  it('with removed ids is reported, and kept until it is discarded', async () => {
    const web = testStorage();
    const storage = segmentedChats(web, 2);
    await storage.save('x', { put: idsOf(200).map((id) => added(id)), removed: [], head: 'm0' });
    await storage.clear('x');
    const [key] = keysOf(web, 'removed');
    web.items.set(key!, '{"vers');
    expect((await storage.load('x'))?.unreadable).toHaveLength(1);
    await storage.save('x', { put: idsOf(200).map((id) => added(id)), removed: [], head: 'm0' });
    await storage.save('x', { put: [], removed: idsOf(200), head: undefined });
    expect([...web.items.values()]).toContain('{"vers');
    await storage.discardUnreadable?.('x');
    expect([...web.items.values()]).not.toContain('{"vers');
    expect(await loadedIds(storage)).toEqual([]);
  });
});

type Change =
  | { readonly kind: 'add'; readonly count: number; readonly at: number }
  | { readonly kind: 'insert' | 'change' | 'remove' | 'return' | 'again'; readonly at: number }
  | { readonly kind: 'clear' | 'rename' };

const changeSteps: fc.Arbitrary<Change[]> = fc.array(
  fc.oneof(
    {
      weight: 3,
      arbitrary: fc.record({
        kind: fc.constant('add' as const),
        count: fc.integer({ min: 1, max: 7 }),
        at: fc.nat(50),
      }),
    },
    {
      weight: 4,
      arbitrary: fc.record({
        kind: fc.constantFrom(
          'insert' as const,
          'change' as const,
          'remove' as const,
          'return' as const,
          'again' as const,
        ),
        at: fc.nat(50),
      }),
    },
    { weight: 1, arbitrary: fc.record({ kind: fc.constantFrom('clear' as const, 'rename' as const) }) },
  ),
  { maxLength: 20 },
);

/** What a chat has to be after the steps: a plain list. */
function createModel() {
  let list: StoredMessage[] = [];
  const removed = new Set<string>();
  let made = 0;
  let revision = 1;
  return {
    list: () => list,
    removed,
    next(change: Change): { put: StoredMessage[]; removed: string[] } {
      revision += 1;
      const at = 'at' in change ? change.at : 0;
      const target = list[at % Math.max(1, list.length)];
      if (change.kind === 'add' || (change.kind === 'insert' && !target)) {
        const put = Array.from({ length: change.kind === 'add' ? change.count : 1 }, () => {
          made += 1;
          return { ...message(`n${made}`, target?.id, revision), isNew: true };
        });
        list.push(...put);
        return { put, removed: [] };
      }
      if (change.kind === 'insert' && target) {
        made += 1;
        const one = { ...message(`n${made}`, target.parentId, revision), isNew: true, before: target.id };
        list.splice(list.indexOf(target), 0, one);
        return { put: [one], removed: [] };
      }
      if (change.kind === 'change' && target) {
        const one = message(target.id, target.parentId, revision);
        list[list.indexOf(target)] = one;
        return { put: [one], removed: [] };
      }
      if (change.kind === 'again' && target) {
        // A message whose last save has failed, as far as the chat knows.
        const one = { ...message(target.id, target.parentId, revision), isNew: true };
        list = [...list.filter((each) => each !== target), one];
        return { put: [one], removed: [] };
      }
      if (change.kind === 'remove' && target) {
        list = list.filter((each) => each !== target);
        removed.add(target.id);
        return { put: [], removed: [target.id] };
      }
      const [gone] = removed;
      if (change.kind === 'return' && gone !== undefined) {
        const one = { ...message(gone, undefined, revision), isNew: true };
        removed.delete(gone);
        list.push(one);
        return { put: [one], removed: [] };
      }
      return { put: [], removed: [] };
    },
    clear() {
      for (const { id } of list) removed.add(id);
      list = [];
    },
  };
}

describe('a chat after any changes', () => {
  it(
    'is what a plain list of its messages is, also if writes fail and are tried again',
    { timeout: 60_000 },
    async () => {
      await fc.assert(
        fc.asyncProperty(
          fc.constantFrom(1, 2, 3, 5),
          changeSteps,
          fc.array(fc.nat(12), { maxLength: 20 }),
          async (segmentSize, all, faults) => {
            const web = testStorage();
            const model = createModel();
            for (const [at, change] of all.entries()) {
              const storage = segmentedChats(web, segmentSize);
              const work = taskOf(storage, change, model);
              let left = faults[at] ?? Infinity;
              web.fault = (operation) => {
                if (operation !== 'set') return;
                left -= 1;
                if (left < 0) throw new DOMException('Failed', 'UnknownError');
              };
              const isDone = await work().catch(() => false);
              web.fault = () => undefined;
              if (!isDone) await work();
            }
            const storage = segmentedChats(web, segmentSize);
            const loaded = await storage.load('x');
            expect(plain(loaded)).toEqual(
              model.list().map(({ id, parentId, revision, message: value }) => ({
                id,
                parentId,
                revision,
                message: JSON.parse(JSON.stringify(value)) as unknown,
              })),
            );
            expect(new Set(loaded?.removed)).toEqual(model.removed);
            const [info] = await storage.list();
            expect(info?.messageCount ?? 0).toBe(model.list().length);
          },
        ),
        { numRuns: 300 },
      );
    },
  );
});

/** The work of one step, which may be done again. It resolves to whether all of it was saved. */
function taskOf(storage: ChatStorage, change: Change, model: ReturnType<typeof createModel>): () => Promise<boolean> {
  if (change.kind === 'clear') {
    model.clear();
    return async () => {
      await storage.clear('x');
      return true;
    };
  }
  if (change.kind === 'rename') {
    return async () => {
      await storage.rename('x', 'Title');
      return true;
    };
  }
  const { put, removed } = model.next(change);
  return async () => {
    const result = await storage.save('x', { put, removed, head: model.list().at(-1)?.id });
    return !result?.failures?.length;
  };
}

function plain(loaded: StoredChat | null | undefined): unknown[] {
  return (loaded?.messages ?? []).map(({ id, parentId, revision, message: value }) => ({
    id,
    parentId,
    revision,
    message: value,
  }));
}

describe('a chat with many segments', () => {
  it('shows after a reload what it showed before, with pages', async () => {
    const web = testStorage();
    const open = (pageSize?: number) =>
      chatThat(turns('A', 'B', 'C', 'D', 'E'), {
        id: 'x',
        persistence: persistChat(segmentedChats(web, 2), { pageSize }),
      }).chat;
    const chat = open();
    for (const text of ['1', '2', '3', '4', '5']) await chat.sendMessage(text);
    await settled();
    const again = open(3);
    while (again.getSnapshot().isRestoring) await settled();
    expect(textsOf(again)).toEqual(textsOf(chat).slice(-3));
    while (await again.loadEarlier()) await settled();
    expect(textsOf(again)).toEqual(textsOf(chat));
  });
});
