import { tool } from '@rivulet/core/chat';
import { beforeAll, expect, it } from 'vitest';
import * as z from 'zod';
import { playChat } from './model.ts';
import { chatThat, turns } from './support.ts';

const RUNS = Number(process.env['CHAT_RUNS'] ?? 60);
const FIRST_SEED = Number(process.env['CHAT_SEED'] ?? 1);

// A conversation of the model waits for a number of turns of the event loop, which loading code takes longer than.
beforeAll(async () => {
  const tools = { quick: tool({ inputSchema: z.object({}), execute: () => 'quick' }) };
  const { chat } = chatThat(turns({ toolCalls: [{ name: 'quick', input: {} }] }, 'Done.'), { tools });
  await chat.sendMessage({ text: 'x', files: [new File(['x'], 'x.txt')] });
});

it(
  'settles, drains its queue and keeps a valid history, whatever happens and whenever',
  { timeout: 600_000 },
  async () => {
    const failures: string[] = [];
    for (let seed = FIRST_SEED; seed < FIRST_SEED + RUNS; seed += 1) {
      const { log, violations } = await playChat(seed);
      if (violations.length > 0) failures.push(`seed ${seed}: ${violations.join('; ')}\n  ${log.join(', ')}`);
    }
    expect(failures).toEqual([]);
  },
);
