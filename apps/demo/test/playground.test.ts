import type { Locator, Page } from 'playwright-core';
import { describe } from 'vitest';
import { holdAnswers, releaseAnswers } from './support/hold-answers.ts';
import {
  answerText,
  ask,
  choose,
  openDemo,
  POLL,
  rendered,
  waitForFocus,
  waitForStatus,
  watchFor,
} from './support/pages.ts';
import { pageTest, demoOfFile } from './support/demo-of-file.ts';

const PROVIDERS: readonly [label: string, path: string][] = [
  ['OpenAI Chat Completions', '/api/llm/chat/completions'],
  ['OpenAI Responses', '/api/llm/responses'],
  ['Anthropic Messages', '/api/llm/v1/messages'],
  ['Google Gemini', '/api/llm/v1beta/models/rivulet-demo-fast:streamGenerateContent'],
  ['Ollama', '/api/llm/api/chat'],
];

/** Some paragraphs of an answer, in the bytes of its stream. */
const PART = 20_000;

const demo = demoOfFile();

const it = pageTest(demo, openDemo);

describe.concurrent('an answer', () => {
  it('is measured, and says how it ended', async ({ page, expect }) => {
    await page.getByLabel('Model').selectOption({ label: 'Demo, fast' });
    await holdAnswers(page, PART);
    await ask(page, 'Explain how a river finds the sea');
    await page.locator('.answer-text p').first().waitFor();
    expect(await page.locator('.answer-text').getAttribute('aria-busy')).toBe('true');
    await releaseAnswers(page);
    await waitForStatus(page, 'Answer complete.');
    expect(await page.locator('.answer-text').getAttribute('aria-busy')).toBe('false');
    expect(await page.getByText('Complete: the model ended its answer.').isVisible()).toBe(true);
    const text = await answerText(page);
    expect(text).toContain('offline demo model');
    expect(text).toContain('A river knows nothing of the sea.');
    expect(text).toContain('and patience.');

    const gauge = page.getByRole('region', { name: 'Measurements' });
    expect(await reading(gauge, 'End')).toBe('complete');
    expect(await reading(gauge, 'First token')).toMatch(/^\d+ ms$|^\d\.\d s$/);
    expect(await reading(gauge, 'Rate')).toMatch(/^\d+\.\d tokens\/s$/);
    expect(Number(await reading(gauge, 'Tokens in'))).toBeGreaterThan(0);
    expect(Number(await reading(gauge, 'Tokens out'))).toBeGreaterThan(200);
  });

  it('has its reasoning apart from its text', async ({ page, expect }) => {
    await page.getByLabel('Model').selectOption({ label: 'Demo, fast' });
    await ask(page, 'Think: how many piano tuners does Lisbon have?');
    await waitForStatus(page, 'Answer complete.');
    const reasoning = page.locator('details', { hasText: 'Reasoning' });
    expect(await reasoning.innerText()).toContain('Fermi');
    await reasoning.locator('summary').press('Enter');
    expect(await answerText(page)).not.toContain('Fermi');
    expect(await answerText(page)).toContain('About 25');
  });

  it('says when it was cut off at the limit', async ({ page, expect }) => {
    await ask(page, 'Reach the token limit');
    await waitForStatus(page, 'Answer cut off at the token limit.');
    expect(await reading(page.getByRole('region', { name: 'Measurements' }), 'End')).toBe('cut off at the limit');
  });

  it('is asked for with the chosen model and temperature', async ({ page, expect }) => {
    const bodies: Record<string, unknown>[] = [];
    page.on('request', (request) => {
      if (request.method() === 'POST') bodies.push(request.postDataJSON() as Record<string, unknown>);
    });
    await page.getByLabel('Model').selectOption({ label: 'Demo, fast' });
    await page.getByLabel('Temperature').fill('0');
    await ask(page, 'hi');
    await waitForStatus(page, 'Answer complete.');
    await page.getByLabel('Leave it to the provider').check();
    await holdAnswers(page);
    await page.getByRole('button', { name: 'Ask again' }).click();
    await waitForStatus(page, 'Generating the answer.');
    await releaseAnswers(page);
    await waitForStatus(page, 'Answer complete.');
    expect(bodies).toHaveLength(2);
    expect(bodies[0]).toMatchObject({ model: 'rivulet-demo-fast', temperature: 0 });
    expect(bodies[1]).not.toHaveProperty('temperature');
  });
});

describe.concurrent('stopping', () => {
  it('keeps the text, and nothing comes after it', async ({ page, expect }) => {
    await holdAnswers(page, PART);
    await ask(page, 'Write a long story about a lighthouse keeper');
    await page.locator('.answer-text h3').waitFor();
    await page.getByRole('button', { name: 'Stop' }).click();
    await waitForStatus(page, 'Stopped. The text so far is kept.');
    const text = await answerText(page);
    expect(text.length).toBeGreaterThan(50);
    await releaseAnswers(page);
    await rendered(page);
    expect(await answerText(page)).toBe(text);
    const end = page.getByText('Stopped by you.');
    expect(await end.isVisible()).toBe(true);
    // Red is for what went wrong.
    expect(await colorOf(end)).toBe(await colorOf(page.locator('.answer-prompt')));
  });

  it('is done by Escape from anywhere', async ({ page }) => {
    await holdAnswers(page, PART);
    await ask(page, 'Write a long story about a lighthouse keeper');
    await page.locator('.answer-text p').first().waitFor();
    await page.getByRole('link', { name: 'Completion' }).focus();
    await page.keyboard.press('Escape');
    await waitForStatus(page, 'Stopped.');
  });
});

describe.concurrent('the keyboard', () => {
  it('keeps the focus on the one button that sends and stops', async ({ page, expect }) => {
    await holdAnswers(page, PART);
    await page.getByLabel('Prompt').fill('Write a long story about a ferry');
    await page.keyboard.press('Tab');
    await page.keyboard.press('Enter');
    await waitForStatus(page, 'Generating the answer.');
    expect(await focused(page)).toBe('Stop');
    await page.locator('.answer-text p').first().waitFor();
    await page.keyboard.press('Enter');
    await waitForStatus(page, 'Stopped.');
    expect(await focused(page)).toBe('Send');
  });

  it('leaves the focus in the prompt when Enter sends and Escape stops', async ({ page, expect }) => {
    await holdAnswers(page, PART);
    await ask(page, 'Write a long story about a ferry');
    await waitForStatus(page, 'Generating the answer.');
    await page.keyboard.press('Enter');
    await page.keyboard.press('Escape');
    await waitForStatus(page, 'Stopped.');
    await waitForFocus(page.getByLabel('Prompt'));
    expect(await page.getByLabel('Prompt').inputValue()).toBe('Write a long story about a ferry');
  });

  it('sends with Control and Enter, and breaks the line with Shift and Enter', async ({ page, expect }) => {
    await page.getByLabel('Prompt').fill('hi');
    await page.keyboard.press('Shift+Enter');
    expect(await page.getByLabel('Prompt').inputValue()).toBe('hi\n');
    await page.keyboard.press('Control+Enter');
    await waitForStatus(page, 'Answer complete.');
  });

  it('leaves Enter to an input method that is composing', async ({ page, expect }) => {
    await page.getByLabel('Prompt').fill('かわ');
    for (const composing of [{ isComposing: true }, { keyCode: 229 }]) {
      await page
        .getByLabel('Prompt')
        .evaluate(
          (element, init) =>
            element.dispatchEvent(
              new KeyboardEvent('keydown', { key: 'Enter', bubbles: true, cancelable: true, ...init }),
            ),
          composing,
        );
    }
    await rendered(page);
    expect(await page.getByRole('region', { name: 'Answer' }).count()).toBe(0);
  });

  it('sends nothing when the prompt is blank', async ({ page, expect }) => {
    await ask(page, '   ');
    await rendered(page);
    expect(await page.getByRole('region', { name: 'Answer' }).count()).toBe(0);
  });
});

describe.concurrent('asking again', () => {
  it('is offered when the answer has ended, and leaves the focus on Stop', async ({ page, expect }) => {
    await holdAnswers(page, PART);
    await ask(page, 'Write a long story about a ferry');
    await page.locator('.answer-text p').first().waitFor();
    const again = page.getByRole('button', { name: 'Ask again' });
    expect(await again.count()).toBe(0);
    await page.keyboard.press('Escape');
    await again.press('Enter');
    await waitForStatus(page, 'Generating the answer.');
    expect(await focused(page)).toBe('Stop');
  });

  it('is not offered before the server will listen', async ({ page, expect }) => {
    await page.clock.install();
    await ask(page, 'Fail with a rate limit');
    await waitForStatus(page, 'Failed: Too many requests for now.');
    const again = page.getByRole('button', { name: 'Try again' });
    expect(await again.count()).toBe(0);
    await page.clock.fastForward(21_000);
    await page.getByText('You can try again now.').waitFor();
    await again.waitFor();
  });
});

describe.concurrent('an error', () => {
  it('is shown with what to do, and the next prompt works', async ({ page, expect }) => {
    await ask(page, 'Fail with a rate limit');
    await waitForStatus(page, 'Failed: Too many requests for now.');
    const notice = page.getByRole('region', { name: 'Too many requests for now' });
    const seconds = async (): Promise<number> =>
      Number(/You can try again in\s+(\d+) seconds/.exec(await notice.innerText())?.[1]);
    const first = await seconds();
    expect(first).toBeLessThanOrEqual(20);
    await expect.poll(seconds, POLL).toBeLessThan(first);

    await ask(page, 'hi');
    await waitForStatus(page, 'Answer complete.');
    expect(await notice.count()).toBe(0);
    expect(await answerText(page)).toContain('Things to try');
  });

  it('keeps the text that came before the connection broke', async ({ page, expect }) => {
    await ask(page, 'Cut the answer off');
    await waitForStatus(page, 'Failed: The connection was lost.');
    expect(await answerText(page)).toContain('This answer will not reach its end.');
    expect(await page.getByText('The text that came before the failure is kept above.').isVisible()).toBe(true);
    expect(await page.getByText('Complete:').count()).toBe(0);
  });

  it.for<[prompt: string, title: string]>([
    ['Refuse my key', 'The key was not accepted'],
    ['Run out of quota', 'The account has no credit left'],
    ['Exceed the context', 'The prompt is too long for the model'],
    ['Be overloaded', 'The model is overloaded'],
    ['Fail', 'The model server failed'],
  ])('has advice of its own: %s', async ([prompt, title], { page }) => {
    await ask(page, prompt);
    await page.getByRole('region', { name: title }).waitFor();
  });

  it('is waited out in sight when the server asks for a short pause', async ({ page, expect }) => {
    const announced = await watchFor(page, /Waiting to try again\./);
    const shown = await watchFor(page, /Attempt 1 failed\. Trying again in/);
    await ask(page, 'Be busy for a moment');
    await announced();
    await shown();
    await waitForStatus(page, 'Answer complete.');
    expect(await answerText(page)).toContain('the second attempt');
  });
});

describe.concurrent('the provider switch', () => {
  it.for(PROVIDERS)(
    'streams from %s, with its reasoning, and fails as it is told',
    async ([label, path], { page, expect }) => {
      const paths: string[] = [];
      page.on('request', (request) => {
        if (request.method() === 'POST') paths.push(new URL(request.url()).pathname);
      });
      await choose(page, 'Provider', label);
      await choose(page, 'Model', 'Demo, fast');
      await ask(page, 'Think: how many piano tuners does Lisbon have?');
      await page.locator('.answer-text p').first().waitFor();
      await waitForStatus(page, 'Answer complete.');
      expect(await answerText(page)).toContain('About 25');
      expect(await page.locator('details', { hasText: 'Reasoning' }).innerText()).toContain('Fermi');
      expect(paths).toEqual([path]);

      await ask(page, 'Fail with a rate limit');
      await waitForStatus(page, 'Failed: Too many requests for now.');
      await ask(page, 'Cut the answer off');
      await waitForStatus(page, 'Failed: The connection was lost.');
    },
  );

  it('keeps the answer of the one before, and the chosen model', async ({ page, expect }) => {
    await choose(page, 'Model', 'Demo, fast');
    await ask(page, 'hi');
    await waitForStatus(page, 'Answer complete.');
    const text = await answerText(page);
    await choose(page, 'Provider', 'Ollama');
    expect(await answerText(page)).toBe(text);
    expect(await page.getByLabel('Model').inputValue()).toBe('rivulet-demo-fast');
  });
});

describe.concurrent('the live region', () => {
  it('announces beginning and end outside of the text, and no tokens', async ({ page, expect }) => {
    const region = page.locator('[role=status]');
    expect(await region.count()).toBe(1);
    expect(await region.evaluate((element) => element.closest('.answer'))).toBeNull();
    const heard = await region.evaluateHandle((element) => {
      const texts: string[] = [];
      new MutationObserver(() => texts.push(element.textContent ?? '')).observe(element, {
        childList: true,
        characterData: true,
        subtree: true,
      });
      return texts;
    });
    await page.getByLabel('Model').selectOption({ label: 'Demo, fast' });
    await ask(page, 'Write a TypeScript debounce function');
    await waitForStatus(page, 'Answer complete.');
    expect(await heard.jsonValue()).toEqual([
      expect.stringMatching(/^Generating/),
      expect.stringMatching(/^Answer complete\. \d+ words\.$/),
    ]);
    expect(
      await page
        .locator('.answer [aria-live], .answer [role=status], .answer [role=log], .answer [role=alert]')
        .count(),
    ).toBe(0);
  });
});

function focused(target: Page): Promise<string> {
  return target.evaluate(() => document.activeElement?.textContent ?? '');
}

function colorOf(locator: Locator): Promise<string> {
  return locator.evaluate((element) => getComputedStyle(element).color);
}

function reading(gauge: Locator, name: string): Promise<string> {
  return gauge
    .locator('div', { has: gauge.page().locator('dt', { hasText: name }) })
    .locator('dd')
    .first()
    .innerText();
}
