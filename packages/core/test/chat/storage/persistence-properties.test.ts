import { persistChat, storageChats } from '@rivulet/core/chat';
import * as fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { settled } from '../../support/client.ts';
import {
  checkIdleTab,
  checkReloads,
  checkTwoTabs,
  open,
  restored,
  segmentSizes,
  steps,
  stepsInTabs,
} from './persistence-model.ts';
import { chatThat, written } from '../support.ts';
import { testStorage } from './web-storage.ts';

describe('a chat after any operations, failures and reloads', () => {
  it('shows after a reload what it showed before', { timeout: 120_000 }, async () => {
    await fc.assert(fc.asyncProperty(segmentSizes, steps, checkReloads), { numRuns: 75 });
  });

  it('shows an answer under way as far as it was saved', async () => {
    const web = testStorage();
    const answer = written();
    const { chat } = chatThat(() => answer.reply, {
      id: 'x',
      persistence: persistChat(
        storageChats(() => web),
        { draftMs: 1 },
      ),
    });
    await restored(chat);
    void chat.sendMessage('1');
    await settled();
    answer.say('Half');
    await expect.poll(() => [...web.items.values()].some((value) => value.includes('Half'))).toBe(true);
    const again = await restored(open(storageChats(() => web)));
    expect(again.getSnapshot().messages.at(-1)).toMatchObject({
      finishReason: 'interrupted',
      parts: [{ text: 'Half' }],
    });
    chat.stop();
  });

  it('has in each of two tabs what both have kept, after both have read it', { timeout: 120_000 }, async () => {
    await fc.assert(fc.asyncProperty(segmentSizes, stepsInTabs, checkTwoTabs), { numRuns: 60 });
  });

  it(
    'shows after a reload the branch of the tab that was used, while another tab was open',
    { timeout: 120_000 },
    async () => {
      await fc.assert(fc.asyncProperty(segmentSizes, steps, checkIdleTab), { numRuns: 60 });
    },
  );
});
