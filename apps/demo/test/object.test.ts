import type { ServerResponse } from 'node:http';
import type { Page } from 'playwright-core';
import { beforeEach, describe, expect, test } from 'vitest';
import { answerText, event } from './support/fake-upstream.ts';
import { findViolationsInEachLook } from './support/looks.ts';
import { holdAnswers, releaseAnswers } from './support/hold-answers.ts';
import { choose, collectComplaints, listen, POLL, waitForStatus } from './support/pages.ts';
import { startStatic } from './support/servers.ts';
import { pageTest, demoOfFile } from './support/demo-of-file.ts';
import { readRenders, watchRenders } from './support/watch-renders.ts';

const OFFLINE = 'Anthropic Messages';

const demo = demoOfFile({ key: 'sk-test' });

beforeEach(() => {
  demo.upstream.requests.length = 0;
});

const it = pageTest(demo, openInspector);

describe.concurrent('an object', () => {
  it.sequential('grows value by value, each marked until it is complete, and is final only at its end', async ({
    page,
  }) => {
    await choose(page, 'Provider', 'OpenAI Chat Completions');
    const heard = await listen(page);
    const goOn = holdAfter(`${RECIPE}"steps":["Chop`, ' the onion."]}');
    await page.getByRole('button', { name: 'A recipe' }).click();
    await page.getByText('“Chop').waitFor();
    expect(await node(page, 'title').getAttribute('data-status')).toBe('complete');
    expect(await node(page, 'steps').getAttribute('data-status')).toBe('streaming');
    expect(await outcome(page)).toMatchObject({ State: 'Streaming', final: 'not set' });
    expect(await page.getByRole('heading', { name: 'Object so far' }).isVisible()).toBe(true);
    expect(await node(page, 'object').locator('.status-mark').first().innerText()).toContain('streaming');
    expect(await page.getByRole('button', { name: 'Copy' }).count()).toBe(0);

    goOn();
    await waitForStatus(page, 'Final.');
    expect(await outcome(page)).toEqual({ State: 'Final', Issues: '0', final: 'set' });
    expect(new Set(await statuses(page))).toEqual(new Set(['complete']));
    expect(await node(page, 'title').innerText()).toContain('“Soup”');
    expect(await node(page, 'ingredients').first().innerText()).toContain('1 element');
    const raw = JSON.parse(await page.locator('.raw-text pre').innerText()) as { servings: number };
    expect(raw.servings).toBe(4);
    expect(await heard()).toEqual([
      'Writing the object.',
      'Final. The JSON closed, the end of the answer was seen, and the schema accepted it.',
    ]);
  });

  it.for([
    ['Cut off', 'Truncated. The connection was lost before the JSON closed.', 'Truncated'],
    ['At the token limit', 'Truncated. The object was cut at the token limit', 'Truncated'],
    ['Refused', 'Refused.', 'Refused'],
  ] as const)('says how it ended, and is not final: %s', async ([ending, status, state], { page }) => {
    await choose(page, 'How it ends', ending);
    await page.getByRole('button', { name: 'Send' }).click();
    await waitForStatus(page, status);
    expect(await outcome(page)).toMatchObject({ State: state, final: 'not set' });
    if (state === 'Truncated') {
      expect(await node(page, 'object').locator('.status-mark').first().innerText()).toContain('cut off');
      expect(await page.getByText('it ends here').isVisible()).toBe(true);
    }
  });

  it('shows where the text stopped being JSON', async ({ page }) => {
    await choose(page, 'How it ends', 'Broken');
    await page.getByRole('button', { name: 'Send' }).click();
    await waitForStatus(page, 'Parse error.');
    expect(await page.locator('.raw-text mark').innerText()).toBe('=');
    const before = await page.locator('.raw-text pre').innerText();
    const column = before.indexOf('=') + 1;
    expect(await page.locator('.raw-place').innerText()).toBe(`No JSON from line 1, column ${column} on.`);
    expect(await outcome(page)).toMatchObject({ State: 'Parse error', final: 'not set' });
  });

  it('shows each issue at its value, and is repaired if that is wanted', async ({ page }) => {
    await choose(page, 'How it ends', 'Against the schema');
    await page.getByRole('button', { name: 'Send' }).click();
    await waitForStatus(page, 'Invalid.');
    const servings = node(page, 'servings');
    expect(await servings.getAttribute('data-status')).toBe('invalid');
    expect(await servings.innerText()).toContain('expected number, received string');
    expect(await outcome(page)).toMatchObject({ State: 'Invalid', final: 'not set' });

    await page.getByLabel('Let the model repair it once').check();
    await page.getByRole('button', { name: 'Send' }).click();
    await waitForStatus(page, 'Final.');
    expect(await node(page, 'servings').getAttribute('data-status')).toBe('complete');
  });

  it('is found in prose', async ({ page }) => {
    await choose(page, 'How it ends', 'Wrapped in prose');
    await page.getByRole('button', { name: 'Send' }).click();
    await waitForStatus(page, 'Final.');
    expect(await page.locator('.raw-text pre').innerText()).toContain('```');
  });

  it.sequential('is stopped, keeps what came and is not final', async ({ page }) => {
    await choose(page, 'Provider', 'OpenAI Chat Completions');
    holdAfter(RECIPE, '"steps":[]}');
    await page.getByRole('button', { name: 'Send' }).click();
    await node(page, 'title').waitFor();
    await page.keyboard.press('Escape');
    await waitForStatus(page, 'Stopped.');
    expect(await node(page, 'title').isVisible()).toBe(true);
    expect(await outcome(page)).toMatchObject({ State: 'Stopped', final: 'not set' });
    expect(
      await page.getByRole('button', { name: 'Send' }).evaluate((button) => button === document.activeElement),
    ).toBe(true);
  });
});

it('counts the elements of a list one by one', async ({ page }) => {
  const elements = async (): Promise<number> => Number((await outcome(page))['Elements']);
  await holdAnswers(page, 30_000);
  await page.getByRole('button', { name: 'A list of contacts' }).click();
  await expect.poll(elements, POLL).toBeGreaterThan(0);
  expect(await elements()).toBeLessThan(8);
  await releaseAnswers(page);
  await waitForStatus(page, 'Final.');
  expect(await outcome(page)).toEqual({ State: 'Final', Elements: '8', Issues: '0', final: 'set' });
  expect(await node(page, 'name').nth(7).innerText()).toContain('Inès Moreau');
});

describe.concurrent('the schema', () => {
  it('is what is asked for and checked by, as it was edited', async ({ page }) => {
    await page
      .getByLabel('JSON Schema')
      .fill(
        '{ "type": "object", "properties": { "servings": { "type": "integer", "maximum": 3 } }, "required": ["servings", "title"] }',
      );
    await page.keyboard.press('Control+Enter');
    await waitForStatus(page, 'Invalid.');
    expect(await node(page, 'servings').innerText()).toContain('expected number to be <=3');
    expect(await node(page, 'ingredients').count()).toBe(0);
  });

  it.for([
    ['{ "type": "object", }', /^This is no JSON yet\. .*line 1, column 21/],
    ['[1]', /^A JSON Schema is an object/],
    ['{ "type": "strin" }', /^This schema cannot be used\. Unsupported type: strin\.$/],
    ['', /^There is no schema yet/],
  ] as const)('says what is wrong with its text, and nothing is sent: %s', async ([text, problem], { page }) => {
    const field = page.getByLabel('JSON Schema');
    await field.fill(text);
    await page.locator('#schema-help .field-problem').waitFor();
    expect(await page.locator('#schema-help').innerText()).toMatch(problem);
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    await page.getByRole('button', { name: 'Send' }).click();
    await page.locator('#schema:focus').waitFor();
    expect(await page.locator('.object-result').count()).toBe(0);
  });

  it.sequential('is checked by a part that other pages do not download', async ({ page }) => {
    // The page that was open may still be loading.
    await page.goto('about:blank');
    const scripts: string[] = [];
    page.on('response', (response) => {
      if (response.url().endsWith('.js')) scripts.push(new URL(response.url()).pathname);
    });
    await page.goto(`${demo.url}/#/completion`, { waitUntil: 'networkidle' });
    expect(scripts.some((path) => path.includes('/json-schema-'))).toBe(false);
    await page.getByRole('link', { name: 'Object' }).click();
    await expect.poll(() => scripts.some((path) => path.includes('/json-schema-'))).toBe(true);
  });
});

describe('200 rows in pieces of 4 characters', () => {
  const rows = Array.from({ length: 200 }, (_, index) => ({
    name: `Row ${index}`,
    age: index,
    city: 'Bristol on Avon',
  }));

  it('render no value again that is settled, and at most once a frame what is not', async () => {
    const page = await demo.browser.newPage({ reducedMotion: 'reduce' });
    await page.addInitScript(watchRenders);
    const complaints = collectComplaints(page);
    await page.goto(`${demo.url}/#/object`);
    await page
      .getByLabel('JSON Schema')
      .fill(JSON.stringify(schemaOf({ name: 'string', age: 'integer', city: 'string' })));
    await page.getByLabel('Ask for a list of these').check();
    demo.upstream.answer = (res) => drip(res, JSON.stringify({ value: rows }));
    await page.getByRole('button', { name: 'Send' }).click();
    await waitForStatus(page, 'Final.');
    expect(await outcome(page)).toEqual({ State: 'Final', Elements: '200', Issues: '0', final: 'set' });

    const { commits, nodes } = await readRenders(page);
    // The list, its rows, and three values each.
    expect(nodes.size).toBe(1 + 200 + 600);
    expect([...nodes.values()].filter(({ afterSettled }) => afterSettled > 0)).toEqual([]);
    // Each once for its settling, and what is open with each commit.
    const total = [...nodes.values()].reduce((sum, { renders }) => sum + renders, 0);
    expect(total).toBeLessThanOrEqual(2 * nodes.size + 3 * commits);
    expect(complaints).toEqual([]);

    await page.getByRole('button', { name: 'Fold all', exact: true }).click();
    await expect.poll(() => page.locator('.tree-node').count()).toBe(201);
    await page.close();
  });
});

it('cuts a long text that is shown, and shows it whole when that is asked for', async ({ page }) => {
  await choose(page, 'Provider', 'OpenAI Chat Completions');
  await page.getByLabel('JSON Schema').fill(JSON.stringify(schemaOf({ story: 'string' })));
  demo.upstream.answer = (res) => answerText(res, [JSON.stringify({ story: 'river '.repeat(1000) })]);
  await page.getByRole('button', { name: 'Send' }).click();
  await waitForStatus(page, 'Final.');
  expect((await node(page, 'story').innerText()).length).toBeLessThan(800);
  await page.getByRole('button', { name: 'and 5,400 characters more' }).click();
  expect((await node(page, 'story').innerText()).length).toBeGreaterThan(5900);
});

it('shows a failure of the request as the other pages do', async ({ page }) => {
  await choose(page, 'Provider', 'OpenAI Chat Completions');
  demo.upstream.answer = (res) => {
    res.writeHead(401, { 'content-type': 'application/json' });
    res.end(JSON.stringify({ error: { message: 'Wrong key.', code: 'invalid_api_key' } }));
  };
  await page.getByRole('button', { name: 'Send' }).click();
  await waitForStatus(page, 'Failed: The key was not accepted.');
  expect(await page.getByText('There is none.').isVisible()).toBe(true);
  expect(await page.getByLabel('How it ends').count()).toBe(0);
});

it('is folded and unfolded by keyboard', async ({ page }) => {
  await page.getByRole('button', { name: 'A river, deeply nested' }).click();
  await waitForStatus(page, 'Final.');
  const toggle = page.getByRole('button', { name: 'spring: 1 field' });
  expect(await node(page, 'temperature').count()).toBe(1);
  await toggle.focus();
  await page.keyboard.press('Enter');
  expect(await toggle.getAttribute('aria-expanded')).toBe('false');
  expect(await node(page, 'temperature').count()).toBe(0);
  await page.keyboard.press('Space');
  expect(await node(page, 'temperature').count()).toBe(1);
});

it('has no violation that axe can find, in any look, and none is too wide', async ({ page }) => {
  expect(await findViolationsInEachLook(page)).toEqual([]);
  await choose(page, 'How it ends', 'Against the schema');
  await page.getByRole('button', { name: 'An invoice' }).click();
  await waitForStatus(page, 'Invalid.');
  expect(await findViolationsInEachLook(page)).toEqual([]);
  await choose(page, 'How it ends', 'Broken');
  await page.getByLabel('Prompt').fill(`Title: ${'a'.repeat(300)}`);
  await page.getByRole('button', { name: 'Send' }).click();
  await waitForStatus(page, 'Parse error.');
  expect(await findViolationsInEachLook(page)).toEqual([]);
  await page.getByLabel('JSON Schema').fill('{ "type": "object", }');
  await page.locator('#schema-help .field-problem').waitFor();
  expect(await findViolationsInEachLook(page)).toEqual([]);
});

it('has no violation that axe can find while the object is written, and after it was stopped', async ({ page }) => {
  await choose(page, 'Provider', 'OpenAI Chat Completions');
  holdAfter(`${RECIPE}"steps":["Chop`, ' the onion."]}');
  await page.getByRole('button', { name: 'A recipe' }).click();
  await page.getByText('“Chop').waitFor();
  expect(await findViolationsInEachLook(page)).toEqual([]);
  await page.keyboard.press('Escape');
  await waitForStatus(page, 'Stopped.');
  expect(await findViolationsInEachLook(page)).toEqual([]);
});

it('shows its signs where the system chooses the colours', async ({ page }) => {
  await page.getByRole('button', { name: 'A recipe' }).click();
  await waitForStatus(page, 'Final.');
  await page.emulateMedia({ forcedColors: 'active' });
  // What is cut out of a background is there only if that is painted.
  expect(
    await page.evaluate(() => {
      const [canvas, ...signs] = [
        getComputedStyle(document.body).backgroundColor,
        ...[...document.querySelectorAll('.composer-icon')].map((icon) => getComputedStyle(icon).backgroundColor),
        ...[...document.querySelectorAll('.tree-toggle')].map(
          (sign) => getComputedStyle(sign, '::before').backgroundColor,
        ),
      ];
      return signs.length > 2 && signs.every((sign) => sign !== canvas && sign !== 'rgba(0, 0, 0, 0)');
    }),
  ).toBe(true);
  const lines = await page
    .locator('.header-pages a')
    .evaluateAll((links) => links.map((link) => getComputedStyle(link).borderBottomColor));
  expect(new Set(lines).size).toBe(2);
});

test('works without a server', async () => {
  const host = await startStatic();
  const page = await demo.browser.newPage({ reducedMotion: 'reduce' });
  const complaints = collectComplaints(page);
  await page.goto(`${host.url}#/object`);
  await choose(page, 'Model', 'Demo, fast');
  await page.getByRole('button', { name: 'A list of contacts' }).click();
  await waitForStatus(page, 'Final.');
  expect(await outcome(page)).toMatchObject({ Elements: '8', final: 'set' });
  await choose(page, 'How it ends', 'Cut off');
  await page.getByRole('button', { name: 'Send' }).click();
  await waitForStatus(page, 'Truncated.');
  for (const request of host.requests) expect(request).toMatch(/^GET \/some\/folder\//);
  expect(complaints).toEqual([]);
  await page.close();
  await host.stop();
});

const RECIPE =
  '{"title":"Soup","servings":4,"totalMinutes":45,"difficulty":"easy","vegetarian":true,"ingredients":[{"name":"lentils","amount":250,"unit":"g"}],';

/** Lets the next answer wait between its two halves, until it is told to go on. */
function holdAfter(first: string, rest: string): () => void {
  let goOn = (): void => undefined;
  const told = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  demo.upstream.answer = async (res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write(event({ choices: [{ index: 0, delta: { content: first }, finish_reason: null }] }));
    await told;
    res.write(event({ choices: [{ index: 0, delta: { content: rest }, finish_reason: 'stop' }] }));
    res.end('data: [DONE]\n\n');
  };
  return () => goOn();
}

async function openInspector(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/#/object`);
  await choose(page, 'Provider', OFFLINE);
  await choose(page, 'Model', 'Demo, fast');
}

/** The values that are called so. */
function node(page: Page, name: string) {
  const label = page.locator(':scope > .tree-line :is(.tree-key, .tree-place)').getByText(name, { exact: true });
  return page.locator('.tree-node').filter({ has: label });
}

function statuses(page: Page): Promise<(string | undefined)[]> {
  return page
    .locator('.tree-node')
    .evaluateAll((nodes) => nodes.map((each) => (each as HTMLElement).dataset['status']));
}

async function outcome(page: Page): Promise<Record<string, string>> {
  return page
    .locator('.outcome dl > div')
    .evaluateAll((facts) =>
      Object.fromEntries(
        facts.map((fact) => [fact.querySelector('dt')?.textContent ?? '', fact.querySelector('dd')?.textContent ?? '']),
      ),
    );
}

function schemaOf(types: Record<string, string>): object {
  const properties = Object.fromEntries(Object.entries(types).map(([name, type]) => [name, { type }]));
  return { type: 'object', properties, required: Object.keys(properties) };
}

/** Sends a text in pieces of 4 characters, over some frames. */
async function drip(res: ServerResponse, text: string): Promise<void> {
  res.writeHead(200, { 'content-type': 'text/event-stream' });
  for (let start = 0; start < text.length; start += 4) {
    const delta = { content: text.slice(start, start + 4) };
    res.write(event({ choices: [{ index: 0, delta, finish_reason: null }] }));
    if (start % 160 === 0) await new Promise((resolve) => void setTimeout(resolve, 4));
  }
  res.write(event({ choices: [{ index: 0, delta: {}, finish_reason: 'stop' }] }));
  res.end('data: [DONE]\n\n');
}
