import type { Locator, Page } from 'playwright-core';
import { describe, test } from 'vitest';
import { findViolationsInBothThemes } from './support/looks.ts';
import { holdAnswers, releaseAnswers } from './support/hold-answers.ts';
import { POLL, rendered, sidewaysScroll, waitForFocus, waitForStatus, watchFor } from './support/pages.ts';
import { pageTest, demoOfFile } from './support/demo-of-file.ts';

const PHONE = { width: 360, height: 740 };
/** Some paragraphs of an answer, in the bytes of its stream. */
const PART = 20_000;
const STORY = 'Write a long story about a lighthouse keeper';
const EMAIL = 'Send an email to ada@example.org about the weir, saying "It is dry."';

const demo = demoOfFile();
const it = pageTest(demo, open);

async function open(page: Page, url: string): Promise<void> {
  await page.goto(`${url}#/chat`);
  await composer(page).waitFor();
  await page.getByLabel('Model').selectOption({ label: 'Demo, fast' });
}

function composer(page: Page): Locator {
  return page.getByLabel('Message', { exact: true });
}

async function say(page: Page, text: string): Promise<void> {
  await composer(page).fill(text);
  await composer(page).press('Enter');
}

function answers(page: Page): Locator {
  return page.getByRole('article', { name: 'Answer' });
}

function questions(page: Page): Promise<string[]> {
  return page.locator('.chat-question').allInnerTexts();
}

function lastAnswer(page: Page): Promise<string> {
  return answers(page).last().locator('.chat-answer').innerText();
}

/** Waits for the end of the answer, by what is there then only. */
async function answered(page: Page, count: number): Promise<void> {
  await answers(page)
    .nth(count - 1)
    .waitFor();
  await page.getByRole('button', { name: 'Send', exact: true }).waitFor();
}

function card(page: Page, name: string): Locator {
  return page.getByRole('group', { name, exact: true });
}

describe.concurrent('the chat page', () => {
  describe('an answer', () => {
    it('streams as Markdown, says what it cost, and keeps what has settled', async ({ page, expect }) => {
      await holdAnswers(page, PART);
      await say(page, 'Show me what Markdown can do about rivers');
      await waitForStatus(page, 'Generating the answer.');
      const heading = answers(page).getByRole('heading', { level: 3 }).first();
      await heading.waitFor();
      expect(await page.locator('.chat-answer').getAttribute('aria-busy')).toBe('true');
      const settled = await heading.elementHandle();
      await releaseAnswers(page);
      await waitForStatus(page, 'Answer complete.');
      expect(await settled?.evaluate((element) => element.isConnected)).toBe(true);
      expect(await page.locator('.chat-answer').getAttribute('aria-busy')).toBe('false');
      expect(await answers(page).locator('table').count()).toBe(1);
      expect(await answers(page).innerText()).toMatch(/\d+ tokens in, \d+ out/);
      // What a list of tasks shows is no control.
      expect(await answers(page).getByRole('checkbox').count()).toBe(0);
    });

    it('has code that can be copied', async ({ page, expect }) => {
      await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
      await say(page, 'Write a TypeScript debounce function');
      await answered(page, 1);
      await page.locator('.code-block').first().getByRole('button', { name: 'Copy' }).click();
      await page.getByRole('button', { name: 'Copied' }).waitFor();
      const code = (await page.locator('.code-block pre').first().innerText()).trimEnd();
      expect(await page.evaluate(() => navigator.clipboard.readText())).toBe(code);
      expect(code).toContain('debounce');
    });

    it('folds its reasoning away', async ({ page, expect }) => {
      await holdAnswers(page, 4000);
      await say(page, 'Think: how many piano tuners does Lisbon have?');
      await page.locator('summary', { hasText: 'Thinking' }).waitFor();
      await releaseAnswers(page);
      await answered(page, 1);
      const reasoning = answers(page).locator('details');
      expect(await reasoning.evaluate((element: HTMLDetailsElement) => element.open)).toBe(false);
      expect(await reasoning.locator('.chat-markdown').isVisible()).toBe(false);
      await reasoning.locator('summary').press('Enter');
      expect(await reasoning.innerText()).toContain('Fermi');
    });

    it('is followed to its end, until somebody scrolls up', async ({ page, expect }) => {
      const scroll = page.getByRole('region', { name: 'Conversation' });
      const below = (): Promise<number> =>
        scroll.evaluate((element) => element.scrollHeight - element.clientHeight - element.scrollTop);
      await say(page, 'Show me what Markdown can do about rivers');
      await page.waitForFunction(() => (document.querySelector('.conversation-scroll')?.scrollTop ?? 0) > 300);
      await expect.poll(below, POLL).toBeLessThanOrEqual(70);
      await scroll.hover();
      await page.mouse.wheel(0, -300);
      await page.getByRole('button', { name: 'Latest' }).click();
      await answered(page, 1);
      await expect.poll(below, POLL).toBeLessThanOrEqual(70);
    });
  });

  describe('tools', () => {
    it('run in the page, several at once, and the answer tells their results', async ({ page, expect }) => {
      await say(page, 'What time is it in Tokyo and in Lisbon, and what is 17*23?');
      await waitForStatus(page, 'Answer complete.');
      expect(await card(page, 'Clock').count()).toBe(2);
      expect(await card(page, 'Clock').first().innerText()).toMatch(/Done\s+Asia\/Tokyo\s+\d\d:\d\d/);
      expect(await card(page, 'Calculator').innerText()).toMatch(/Done\s+17\*23\s+391/);
      expect(await lastAnswer(page)).toMatch(/17×23 = 391/);
    });

    it('with effects wait for a yes', async ({ page, expect }) => {
      await say(page, EMAIL);
      await waitForStatus(page, 'The model asks for your decision.');
      const email = card(page, 'Send an email');
      expect(await email.innerText()).toMatch(/Needs your approval[^]*ada@example\.org[^]*It is dry/);
      await email.getByRole('button', { name: 'Allow', exact: true }).press('Enter');
      await waitForFocus(email);
      await waitForStatus(page, 'Answer complete.');
      expect(await email.innerText()).toContain('Done');
      expect(await lastAnswer(page)).toContain('handed over');
    });

    it('are not run after a no', async ({ page, expect }) => {
      await say(page, EMAIL);
      await page.getByRole('button', { name: 'Don’t allow' }).click();
      await waitForStatus(page, 'Answer complete.');
      expect(await card(page, 'Send an email').innerText()).toContain('Not allowed');
      expect(await lastAnswer(page)).toContain('You did not allow');
      expect(await lastAnswer(page)).not.toContain('handed over');
    });

    it('that a person answers wait for the answer, also after a reload', async ({ page, expect }) => {
      await say(page, 'Let me pick a colour for the boat');
      await page.getByLabel('Colour', { exact: true }).waitFor();
      await page.reload();
      await page.getByLabel('Colour', { exact: true }).fill('#ff8800');
      await page.getByRole('button', { name: 'Use this colour' }).click();
      await answered(page, 1);
      expect(await lastAnswer(page)).toMatch(/answered: #ff8800/);
    });

    it('that fail say so, and the answer says so too', async ({ page, expect }) => {
      await say(page, 'What is 5 / 0?');
      await waitForStatus(page, 'Answer complete.');
      expect(await card(page, 'Calculator').innerText()).toMatch(/Failed[^]*divided by zero/);
      expect(await lastAnswer(page)).toContain('failed');
    });
  });

  describe('what was said', () => {
    it('can be said otherwise, and both ways are kept', async ({ page, expect }) => {
      await say(page, 'What is 2*3?');
      await answered(page, 1);
      await say(page, 'hi');
      await answered(page, 2);
      await page.getByRole('button', { name: 'Edit' }).first().press('Enter');
      await page.getByLabel('Edit the message').fill('What is 4*5?');
      await page.getByLabel('Edit the message').press('Enter');
      await page.getByText('4×5 = 20').waitFor();
      await answered(page, 1);
      expect(await questions(page)).toEqual(['What is 4*5?']);

      const versions = page
        .getByRole('article', { name: 'You asked' })
        .first()
        .getByRole('group', { name: 'Versions' });
      expect(await versions.innerText()).toMatch(/2\s+(\/|of)/);
      const previous = versions.getByRole('button', { name: 'Previous version' });
      await previous.press('Enter');
      expect(await questions(page)).toEqual(['What is 2*3?', 'hi']);
      // The focus is where it was, for the next press.
      await waitForFocus(previous);
      await page.reload();
      await page.getByText('hi', { exact: true }).waitFor();
      expect(await questions(page)).toEqual(['What is 2*3?', 'hi']);
      await versions.getByRole('button', { name: 'Next version' }).press('Enter');
      expect(await questions(page)).toEqual(['What is 4*5?']);
    });

    it('is left as it is by Escape, which stops no answer then', async ({ page, expect }) => {
      await holdAnswers(page, PART);
      await say(page, STORY);
      await answers(page).locator('p').first().waitFor();
      await page.getByRole('button', { name: 'Edit' }).press('Enter');
      await page.getByLabel('Edit the message').fill('Something else');
      await page.getByLabel('Edit the message').press('Escape');
      expect(await questions(page)).toEqual([STORY]);
      expect(await page.getByRole('button', { name: 'Stop' }).isVisible()).toBe(true);
      await page.waitForFunction(() => document.activeElement?.textContent === 'Edit');
    });

    it('can be answered again, and the answer before is kept', async ({ page, expect }) => {
      await say(page, 'Write a poem about rivers');
      await answered(page, 1);
      const first = await lastAnswer(page);
      await holdAnswers(page);
      await page.getByRole('button', { name: 'Regenerate' }).click();
      await waitForFocus(page.getByRole('button', { name: 'Stop' }));
      await releaseAnswers(page);
      await answered(page, 1);
      const versions = answers(page).getByRole('group', { name: 'Versions' });
      expect(await versions.innerText()).toMatch(/^\D*2\D+2\D*$/);
      await versions.getByRole('button', { name: 'Previous version' }).click();
      expect(await lastAnswer(page)).toBe(first);
    });

    it('waits in a queue while an answer comes, and can be taken out of it', async ({ page, expect }) => {
      await holdAnswers(page);
      await say(page, 'Explain how a river finds the sea');
      await waitForStatus(page, 'Generating');
      await say(page, 'never sent');
      await say(page, 'What is 6*7?');
      const queued = page.getByRole('region', { name: 'Sent next' }).getByRole('listitem');
      await expect.poll(() => queued.count(), POLL).toBe(2);
      await queued.getByRole('button', { name: 'Take “never sent” out of the queue' }).click();
      await expect.poll(() => queued.allInnerTexts(), POLL).toEqual([expect.stringContaining('What is 6*7?')]);
      await releaseAnswers(page);
      await page.getByText('6×7 = 42').waitFor();
      expect(await questions(page)).toEqual(['Explain how a river finds the sea', 'What is 6*7?']);
      expect(await queued.count()).toBe(0);
    });
  });

  describe('an answer that breaks off', () => {
    it('is stopped by the button or Escape, and goes on', async ({ page, expect }) => {
      await holdAnswers(page, PART);
      await say(page, STORY);
      await page.waitForFunction(() => (document.querySelector('.chat-answer')?.textContent?.length ?? 0) > 100);
      await page.keyboard.press('Escape');
      await waitForStatus(page, 'Stopped. The text so far is kept.');
      const text = await lastAnswer(page);
      expect(text.length).toBeGreaterThan(20);
      expect(await page.getByText('Stopped by you.').isVisible()).toBe(true);
      await holdAnswers(page);
      await page.getByRole('button', { name: 'Continue' }).click();
      await waitForFocus(page.getByRole('button', { name: 'Stop' }));
      await releaseAnswers(page);
      await answered(page, 1);
      expect((await lastAnswer(page)).startsWith(text.slice(0, 200))).toBe(true);
      expect((await lastAnswer(page)).length).toBeGreaterThan(text.length);
      expect(await page.getByText('Stopped by you.').count()).toBe(0);
    });

    it('by a reload is shown as interrupted, and goes on', async ({ page, expect }) => {
      await holdAnswers(page, PART);
      await say(page, STORY);
      await page.waitForFunction(() => (document.querySelector('.chat-answer')?.textContent?.length ?? 0) > 250);
      await kept(page, [2]);
      await page.reload();
      await page.getByText('Interrupted: this is not the whole answer.').waitFor();
      const text = await lastAnswer(page);
      expect(text.length).toBeGreaterThan(50);
      expect(await questions(page)).toEqual([STORY]);
      await page.getByLabel('Model').selectOption({ label: 'Demo, fast' });
      await holdAnswers(page);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('button', { name: 'Stop' }).waitFor();
      await releaseAnswers(page);
      await answered(page, 1);
      expect((await lastAnswer(page)).startsWith(text.slice(0, 50))).toBe(true);
      expect((await lastAnswer(page)).length).toBeGreaterThan(text.length);
      expect(await page.getByText('Interrupted:').count()).toBe(0);
    });

    it('at the limit of tokens says so, and goes on', async ({ page, expect }) => {
      await say(page, 'Reach the token limit');
      await waitForStatus(page, 'Cut off at the limit of tokens.');
      const text = await lastAnswer(page);
      await holdAnswers(page);
      await page.getByRole('button', { name: 'Continue' }).click();
      await page.getByRole('button', { name: 'Stop' }).waitFor();
      await releaseAnswers(page);
      await answered(page, 1);
      expect((await lastAnswer(page)).length).toBeGreaterThan(text.length);
    });

    it('by a lost connection keeps its text and is tried again', async ({ page, expect }) => {
      await say(page, 'Cut the answer off');
      await page.getByRole('region', { name: 'The connection was lost' }).waitFor();
      expect(await lastAnswer(page)).toContain('This answer will not reach its end.');
      await holdAnswers(page);
      await page.getByRole('button', { name: 'Try again' }).click();
      await page.getByRole('button', { name: 'Stop' }).waitFor();
      await page.getByRole('region', { name: 'The connection was lost' }).waitFor({ state: 'detached' });
      await releaseAnswers(page);
      await page.getByRole('region', { name: 'The connection was lost' }).waitFor();
    });

    it('before it began says why, and the next message works', async ({ page, expect }) => {
      await say(page, 'Refuse my key');
      await page.getByRole('region', { name: 'The key was not accepted' }).waitFor();
      await page.getByRole('alert').filter({ hasText: 'Failed: The key was not accepted.' }).waitFor();
      expect(await answers(page).count()).toBe(0);
      await say(page, 'What is 2*2?');
      await page.getByText('2×2 = 4').waitFor();
      expect(await page.locator('.error-notice').count()).toBe(0);
    });

    it('for a moment only is waited for in sight', async ({ page, expect }) => {
      const waited = await watchFor(page, /Attempt 1 failed\. Trying again in/);
      await say(page, 'Be busy for a moment');
      await waited();
      await answered(page, 1);
      expect(await lastAnswer(page)).toContain('second attempt');
    });
  });

  describe('files', () => {
    it('return to the composer with their text if the server rejects them', async ({ page, expect }) => {
      await give(composer(page), 'paste', 'pasted.txt');
      await say(page, 'Reject my files');
      await page.getByText('This model does not accept such files.').waitFor();
      await page.getByRole('list', { name: 'Attached files' }).waitFor();

      expect(await composer(page).inputValue()).toBe('Reject my files');
      expect(await questions(page)).toEqual([]);
      expect(await page.getByRole('button', { name: 'Try again' }).count()).toBe(0);

      await page.getByRole('button', { name: 'Remove pasted.txt' }).click();
      await say(page, 'Explain zeppelins');
      await answered(page, 1);
      expect(await questions(page)).toEqual(['Explain zeppelins']);
    });

    it('come by button, clipboard and drop, can be taken off, and are kept', async ({ page, expect }) => {
      const chooser = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Attach files' }).click();
      await (
        await chooser
      ).setFiles([
        { name: 'river.png', mimeType: 'image/png', buffer: PIXEL },
        { name: 'notes.txt', mimeType: 'text/plain', buffer: Buffer.from('It is dry.') },
      ]);
      await give(composer(page), 'paste', 'pasted.txt');
      await give(page.locator('.conversation'), 'drop', 'dropped.txt');
      const attached = page.getByRole('list', { name: 'Attached files' });
      expect(await attached.getByRole('listitem').allInnerTexts()).toEqual([
        expect.stringContaining('river.png'),
        expect.stringContaining('notes.txt'),
        expect.stringContaining('pasted.txt'),
        expect.stringContaining('dropped.txt'),
      ]);
      await attached.getByRole('button', { name: 'Remove pasted.txt' }).click();
      await waitForFocus(composer(page));
      await say(page, 'What is in these files?');
      await answered(page, 1);
      expect(await lastAnswer(page)).toMatch(/3 files|files are attached/);
      expect(await attached.count()).toBe(0);

      await page.reload();
      await page.getByRole('img', { name: 'river.png' }).waitFor();
      const files = page.getByRole('list', { name: 'Files' });
      expect(await files.innerText()).toMatch(/notes\.txt\s+10 B\s+dropped\.txt/);
      const width = await page
        .getByRole('img', { name: 'river.png' })
        .evaluate((image: HTMLImageElement) => image.naturalWidth);
      expect(width).toBe(1);
    });

    it('that are too large are named and left out', async ({ page, expect }) => {
      const chooser = page.waitForEvent('filechooser');
      await page.getByRole('button', { name: 'Attach files' }).click();
      await (await chooser).setFiles([{ name: 'film.mp4', mimeType: 'video/mp4', buffer: Buffer.alloc(4_100_000) }]);
      await page.getByText('A message holds 8 files and 4.0 MB at most. Left out: film.mp4.').first().waitFor();
      expect(await page.getByRole('list', { name: 'Attached files' }).count()).toBe(0);
    });
  });

  describe('chats', () => {
    it('are kept across a reload, opened and deleted', async ({ page, expect }) => {
      const list = page.getByRole('navigation', { name: 'Chats' });
      await say(page, 'What is 2*3?');
      await page.getByText('2×3 = 6').waitFor();
      await answered(page, 1);
      await list.getByRole('button', { name: 'New chat' }).click();
      expect(await answers(page).count()).toBe(0);
      await say(page, 'What is 3*3?');
      await page.getByText('3×3 = 9').waitFor();
      await answered(page, 1);

      await page.reload();
      await page.getByText('3×3 = 9').waitFor();
      const titles = list.locator('.thread-title');
      await titles.nth(1).waitFor();
      expect(await titles.allInnerTexts()).toEqual(['What is 3*3?', 'What is 2*3?']);
      await list.getByRole('button', { name: 'What is 2*3?' }).first().click();
      await page.getByText('2×3 = 6').waitFor();
      expect(await questions(page)).toEqual(['What is 2*3?']);

      await list.getByRole('button', { name: 'Rename “What is 3*3?”' }).press('Enter');
      await list.getByLabel('New title of “What is 3*3?”').fill('Squares');
      await page.keyboard.press('Enter');
      await list.getByRole('button', { name: 'Delete “Squares”' }).press('Enter');
      await list.getByRole('button', { name: 'Keep' }).press('Enter');
      await list.getByRole('button', { name: 'Delete “What is 2*3?”' }).press('Enter');
      await page.keyboard.press('Enter');
      await page.getByRole('heading', { name: 'Where shall we begin?' }).waitFor();
      expect(await titles.allInnerTexts()).toEqual(['Squares']);
      await kept(page, [2]);
      await page.reload();
      await list.getByText('Squares').waitFor();
      expect(await titles.allInnerTexts()).toEqual(['Squares']);
    });

    it('go on while another one is looked at', async ({ page, expect }) => {
      await holdAnswers(page, PART);
      await say(page, STORY);
      await answers(page).locator('p').first().waitFor();
      await rendered(page);
      const length = (await lastAnswer(page)).length;
      await page.getByRole('navigation', { name: 'Chats' }).getByRole('button', { name: 'New chat' }).click();
      await page.getByRole('link', { name: 'Batch' }).click();
      await page.getByRole('link', { name: 'Chat', exact: true }).click();
      await page.getByRole('navigation', { name: 'Chats' }).getByRole('button', { name: STORY }).first().click();
      await releaseAnswers(page);
      await expect.poll(async () => (await lastAnswer(page)).length, POLL).toBeGreaterThan(length);
    });
  });

  describe('the keyboard', () => {
    it('is enough for a whole conversation', async ({ page, expect }) => {
      // Where it begins to write.
      await waitForFocus(composer(page));
      await page.keyboard.type('first line');
      await page.keyboard.press('Shift+Enter');
      await page.keyboard.type('Send an email to Ada');
      expect(await composer(page).inputValue()).toBe('first line\nSend an email to Ada');
      await page.keyboard.press('Enter');
      await waitForStatus(page, 'The model asks for your decision.');
      await tabTo(page, 'Allow', 'Shift+Tab');
      await page.keyboard.press('Enter');
      await waitForStatus(page, 'Answer complete.');
      await tabTo(page, 'Regenerate');
      await holdAnswers(page);
      await page.keyboard.press('Enter');
      await page.getByRole('button', { name: 'Stop' }).waitFor();
      await releaseAnswers(page);
      await answered(page, 1);
      await waitForFocus(page.getByRole('button', { name: 'Send', exact: true }));
    });

    it('leaves Enter to an input method that is composing, and sends nothing blank', async ({ page, expect }) => {
      await composer(page).fill('かわ');
      await composer(page).evaluate((element) =>
        element.dispatchEvent(
          new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, isComposing: true }),
        ),
      );
      expect(await composer(page).inputValue()).toBe('かわ');
      await say(page, '   ');
      expect(await page.getByRole('article').count()).toBe(0);
    });
  });

  describe('a thousand messages', () => {
    it('are shown, kept, and not rendered again for what is new', async ({ expect }) => {
      const page = await demo.browser.newPage({ reducedMotion: 'reduce' });
      await page.addInitScript(watchRenders);
      await page.goto(`${demo.url}#/chat`);
      await page.getByRole('button', { name: 'Open 1,000 messages' }).click();
      await page.getByText('Answer 500.').waitFor();
      await kept(page, [1000]);
      await page.reload();
      await page.getByText('Answer 500.').waitFor();
      expect(await page.getByRole('article').count()).toBe(1000);
      expect(await page.getByText('Answer 500.').evaluate(isInView)).toBe(true);

      await say(page, `Take your time. ${STORY}`);
      await page.waitForFunction(() => {
        const last = [...document.querySelectorAll('article')].at(-1);
        return last?.dataset['active'] === 'true' && (last.textContent?.length ?? 0) > 50;
      });
      await page.evaluate(() => (window.rendered = []));
      await page.waitForFunction(() => window.rendered.length >= 5);
      const rendered = await page.evaluate(() => window.rendered);
      // Of 1,002 messages.
      expect(new Set(rendered)).toEqual(new Set([1001]));
      await page.keyboard.press('Escape');
      await waitForStatus(page, 'Stopped.');
      await page.close();
    });
  });

  test('axe finds nothing in either theme, and a phone shows all of it', async ({ expect }) => {
    const page = await demo.browser.newPage({
      viewport: PHONE,
      hasTouch: true,
      isMobile: true,
      reducedMotion: 'reduce',
    });
    await open(page, demo.url);
    expect(await findViolationsInBothThemes(page)).toEqual([]);
    expect(await page.locator('.conversation-scroll').evaluate((element) => element.scrollTop)).toBe(0);
    await say(page, 'Show me what Markdown can do about rivers');
    await answered(page, 1);
    await say(page, `Think about a TypeScript debounce function ${'a'.repeat(120)}`);
    await page.locator('.code-block').last().waitFor();
    await say(page, `What is 17*23? Send an email to ada@example.org about the weir, saying "It is dry."`);
    await page.getByRole('button', { name: 'Don’t allow' }).waitFor();
    await page.getByRole('button', { name: 'Edit' }).last().click();
    expect(await findViolationsInBothThemes(page)).toEqual([]);
    expect(await sidewaysScroll(page)).toBe(0);
    await page.getByRole('button', { name: 'Cancel' }).click();
    await page.getByRole('button', { name: 'Don’t allow' }).click();
    await page.getByText('You did not allow').waitFor();
    await answered(page, 3);
    await say(page, 'Cut the answer off');
    await page.getByRole('region', { name: 'The connection was lost' }).waitFor();

    await page.getByRole('button', { name: 'Chats' }).click();
    const menu = page.getByRole('dialog', { name: 'Chats' });
    await menu.getByRole('button', { name: 'New chat' }).waitFor();
    expect(await findViolationsInBothThemes(page)).toEqual([]);
    await page.keyboard.press('Escape');
    await menu.waitFor({ state: 'detached' });
    await page.setViewportSize({ width: 1280, height: 800 });
    expect(await findViolationsInBothThemes(page)).toEqual([]);
    await page.close();
  });
});

/** A red pixel. */
const PIXEL = Buffer.from(
  'iVBORw0KGgoAAAANSUhEUgAAAAEAAAABCAYAAAAfFcSJAAAADUlEQVR42mP8z8BQDwAEhQGAhKmMIQAAAABJRU5ErkJggg==',
  'base64',
);

/** Gives a file as the clipboard or a drop does. */
async function give(locator: Locator, type: 'paste' | 'drop', name: string): Promise<void> {
  await locator.evaluate(
    (element, [eventType, filename]) => {
      const data = new DataTransfer();
      data.items.add(new File(['some text'], filename, { type: 'text/plain' }));
      const init = { bubbles: true, cancelable: true };
      element.dispatchEvent(
        eventType === 'paste'
          ? new ClipboardEvent('paste', { ...init, clipboardData: data })
          : new DragEvent('drop', { ...init, dataTransfer: data }),
      );
    },
    [type, name] as const,
  );
}

async function tabTo(page: Page, text: string, key = 'Shift+Tab'): Promise<void> {
  for (let press = 0; press < 30; press += 1) {
    if ((await page.evaluate(() => document.activeElement?.textContent)) === text) return;
    await page.keyboard.press(key);
  }
  throw new Error(`The key does not reach ${text}`);
}

/** Waits until chats of these lengths are kept. */
async function kept(page: Page, lengths: readonly number[]): Promise<void> {
  for (;;) {
    const counts = await page.evaluate(keptCounts);
    if (counts.join() === lengths.join()) return;
    await page.waitForTimeout(50);
  }
}

function isInView(element: Element): boolean {
  const { top, bottom } = element.getBoundingClientRect();
  return top >= 0 && bottom <= innerHeight;
}

// These run in the page.

/** How many messages each of the kept chats has. */
function keptCounts(): Promise<number[]> {
  return new Promise((resolve, reject) => {
    const opening = indexedDB.open('rivulet-demo-chats');
    opening.addEventListener('error', () => reject(new Error('There is no database')));
    opening.addEventListener('success', () => {
      const reading = opening.result.transaction('chats').objectStore('chats').getAll();
      reading.addEventListener('success', () => {
        opening.result.close();
        const records = reading.result as { count?: number }[];
        resolve(records.flatMap(({ count }) => count || []));
      });
    });
  });
}

declare global {
  interface Window {
    /** The places of the messages that rendered, in order. */
    rendered: number[];
  }
}

/** Notes which messages React renders: it tells whoever stands in for its developer tools of each commit. */
function watchRenders(): void {
  interface Fiber {
    type: unknown;
    flags: number;
    memoizedProps: { className?: string } | null;
    child: Fiber | null;
    sibling: Fiber | null;
    return: Fiber | null;
  }
  const PERFORMED_WORK = 1;
  let before = new Set<Fiber | null>();
  window.rendered = [];
  function collect(fiber: Fiber | null, found: Fiber[]): void {
    for (let node = fiber; node; node = node.sibling) {
      if (node.type === 'article') found.push(node);
      else collect(node.child, found);
    }
  }
  Object.assign(window, {
    __REACT_DEVTOOLS_GLOBAL_HOOK__: {
      supportsFiber: true,
      isDisabled: false,
      inject: () => 1,
      checkDCE: () => undefined,
      onCommitFiberUnmount: () => undefined,
      onPostCommitFiberRoot: () => undefined,
      onCommitFiberRoot(_id: number, root: { current: Fiber }) {
        const articles: Fiber[] = [];
        collect(root.current, articles);
        const components = articles.map((article) => article.return);
        components.forEach((component, place) => {
          // One that was not looked at is the same object; one that was left as it is did no work.
          if (component && !before.has(component) && component.flags & PERFORMED_WORK) window.rendered.push(place);
        });
        before = new Set(components);
      },
    },
  });
}
