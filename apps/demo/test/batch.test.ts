import { readFile } from 'node:fs/promises';
import type { ServerResponse } from 'node:http';
import Papa from 'papaparse';
import type { Download, Page } from 'playwright-core';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { answerText, type UpstreamRequest } from './support/fake-upstream.ts';
import type { Started } from './support/commands.ts';
import { findViolationsInEachLook } from './support/looks.ts';
import { choose, collectComplaints, listen, rendered, waitForStatus } from './support/pages.ts';
import { startPreview, startStatic } from './support/servers.ts';
import { pageTest, demoOfFile } from './support/demo-of-file.ts';

const demo = demoOfFile({ key: 'sk-test' });

beforeEach(() => {
  demo.upstream.requests.length = 0;
  demo.upstream.answer = echo;
});

const it = pageTest(demo, openBatch, { acceptDownloads: true });

describe('lines', () => {
  it('are asked for one by one, and each has its answer in its row', async ({ page }) => {
    await page.getByLabel('Lines').fill('one\n\n  two \nthree');
    await page.getByLabel('Prompt template').fill('Say {{line}}');
    expect(await page.locator('.template-preview').innerText()).toContain('Say one');
    await run(page);
    await waitForStatus(page, 'Finished: 3 answered.');
    expect(await rows(page)).toEqual([
      ['1', 'one', 'Answered', 'Echo: Say one'],
      ['2', 'two', 'Answered', 'Echo: Say two'],
      ['3', 'three', 'Answered', 'Echo: Say three'],
    ]);
    const bar = page.getByRole('progressbar', { name: 'Batch' });
    expect(await bar.getAttribute('aria-valuetext')).toBe('3 of 3 done, 0 failed');
    expect(await bar.getAttribute('aria-valuenow')).toBe('3');
  });

  it('are not asked for with a placeholder that there is not, and the field says which', async ({ page }) => {
    await page.getByLabel('Lines').fill('one');
    await page.getByLabel('Prompt template').fill('Say {{lime}}');
    const field = page.getByLabel('Prompt template');
    expect(await field.getAttribute('aria-invalid')).toBe('true');
    expect(await description(page, '#template')).toBe('There is no column {{lime}}. You can use {{line}}.');
    await page.getByRole('button', { name: 'Run' }).click();
    expect(await field.evaluate((element) => element === document.activeElement)).toBe(true);
    await field.fill('Say');
    expect(await description(page, '#template')).toBe('Every prompt would be the same. Put in {{line}}.');
    expect(demo.upstream.requests).toHaveLength(0);
  });

  it('are asked for no more at a time than was set', async ({ page }) => {
    let open = 0;
    let most = 0;
    demo.upstream.answer = async (res) => {
      open += 1;
      most = Math.max(most, open);
      await pause(30);
      open -= 1;
      echo(res);
    };
    await page.getByLabel('Lines').fill(numbered(12));
    await page.getByLabel('At a time').fill('2');
    await run(page);
    await waitForStatus(page, 'Finished: 12 answered.');
    expect(most).toBe(2);
  });

  it('are stopped by Escape, and what came stays', async ({ page }) => {
    let answers = 0;
    demo.upstream.answer = (res) => {
      answers += 1;
      return answers <= 3 ? echo(res) : new Promise(() => undefined);
    };
    await page.getByLabel('Lines').fill(numbered(9));
    await run(page);
    await page.locator('[data-kind=answered]').nth(2).waitFor();
    expect(await page.getByRole('button', { name: 'Stop' }).isVisible()).toBe(true);
    await page.keyboard.press('Escape');
    await waitForStatus(page, 'Stopped after 3 of 9 rows: 3 answered.');
    // The server may have met them in another order.
    const statuses = (await rows(page)).map(([, , status]) => status);
    expect(statuses.filter((status) => status === 'Answered')).toHaveLength(3);
    expect(statuses.filter((status) => status === 'Not asked')).toHaveLength(6);
  });
});

describe('a CSV file', () => {
  it('is dropped, and its columns are variables: with quotes, line breaks and ragged rows', async ({ page }) => {
    await drop(
      page,
      'books.csv',
      '\uFEFFTitle,Note,Note\n"Emma","says ""hm"",\nthen leaves",x\nUlysses,long,y,extra\n',
    );
    expect(await page.locator('.items-file').innerText()).toContain('Title, Note, Note 2, column 4');
    await page.getByLabel('Prompt template').fill('{{ Title }}|{{Note}}|{{Note 2}}|{{column 4}}');
    await run(page);
    await waitForStatus(page, 'Finished: 2 answered.');
    expect((await rows(page)).map(([, , , answer]) => answer)).toEqual([
      'Echo: Emma|says "hm",\nthen leaves|x|',
      'Echo: Ulysses|long|y|extra',
    ]);
  });

  it('is taken where it misses the field, rather than opened in place of the page', async ({ page }) => {
    await drop(page, 'towns.csv', 'town\nBern\n', 'body');
    expect(await page.locator('.items-field').getAttribute('data-over')).toBe('false');
    expect(await page.locator('.items-file').innerText()).toContain('town');
  });

  it('is chosen by a button, and given back', async ({ page }) => {
    await page.getByLabel('Choose a CSV file').setInputFiles(file('towns.csv', 'town;river\nBern;Aare\n'));
    await page.getByText('towns.csv').waitFor();
    expect(await page.getByLabel('Prompt template').inputValue()).toContain('{{town}}\n{{river}}');
    await page.getByRole('button', { name: '{{town}}' }).click();
    expect(await page.getByLabel('Prompt template').inputValue()).toContain('{{town}}');
    await page.getByRole('button', { name: 'Remove' }).click();
    expect(await page.getByLabel('Lines').isVisible()).toBe(true);
  });

  it.for([
    ['a quote is open', 'a,b\n"x,y\n', 'bad.csv cannot be read: a quote in row 2 is not closed.'],
    ['there is nothing in it', '', 'bad.csv is empty.'],
    ['there is a head alone', 'a,b\n', 'bad.csv has no row below its first, which names the columns.'],
  ] as const)('is refused with a reason when %s', async ([, content, reason], { page }) => {
    await page.getByLabel('Choose a CSV file').setInputFiles(file('bad.csv', content));
    await page.getByText(reason).waitFor();
    expect(await page.getByLabel('Lines').isVisible()).toBe(true);
  });

  it('in the code page of old is read as that', async ({ page }) => {
    const buffer = Buffer.from('ville\nGenève\n', 'latin1');
    await page.getByLabel('Choose a CSV file').setInputFiles({ name: 'v.csv', mimeType: 'text/csv', buffer });
    await page.locator('.template-preview').filter({ hasText: 'Genève' }).waitFor();
  });
});

describe('rows that fail', () => {
  it('say why, are shown alone, and are cured by asking again for them alone', async ({ page }) => {
    demo.upstream.answer = (res) => (/two|four/.test(lastPrompt()) ? refuse(res) : echo(res));
    await page.getByLabel('Lines').fill('one\ntwo\nthree\nfour');
    await page.getByLabel('Prompt template').fill('{{line}}');
    await page.getByLabel('At a time').fill('1');
    const heard = await listen(page);
    await run(page);
    await waitForStatus(page, 'Finished: 2 answered, 2 failed.');
    await page.getByRole('button', { name: 'Failed 2' }).click();
    const failed = await rows(page);
    expect(failed.map(([number, input, status]) => [number, input, status])).toEqual([
      ['2', 'two', 'Failed'],
      ['4', 'four', 'Failed'],
    ]);
    for (const [, , , answer] of failed) expect(answer).toMatch(/^The prompt is too long for the model\. .*too many/);
    expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe('3');

    demo.upstream.requests.length = 0;
    demo.upstream.answer = echo;
    await page.getByRole('button', { name: 'Retry failed' }).click();
    await waitForStatus(page, 'Finished: 4 answered.');
    expect(demo.upstream.requests.map(promptOf)).toEqual(['two', 'four']);
    expect(await rows(page)).toEqual([['No row failed.']]);
    await page.getByRole('button', { name: 'All 4' }).click();
    expect((await rows(page)).map(([, , , answer]) => answer)).toEqual([
      'Echo: one',
      'Echo: two',
      'Echo: three',
      'Echo: four',
    ]);
    // Beginnings and ends, and no row in between.
    expect(await heard()).toEqual([
      'Started: 4 rows.',
      'Finished: 2 answered, 2 failed.',
      'Started again for the rows that failed.',
      'Finished: 4 answered.',
    ]);
  });
});

describe('what is saved', () => {
  it('has all rows in order, and nothing that a spreadsheet would run', async ({ page }) => {
    demo.upstream.answer = async (res) => {
      const prompt = lastPrompt();
      if (prompt === 'c') return refuse(res);
      // The first comes last.
      if (prompt === '=1+1') await pause(60);
      answerText(res, [prompt === '@b' ? '+49 30\n-1' : '=HYPERLINK("x")\nmore']);
    };
    await page.getByLabel('Lines').fill('=1+1\n@b\nc');
    await page.getByLabel('Prompt template').fill('{{line}}');
    await run(page);
    await waitForStatus(page, 'Finished: 2 answered, 1 failed.');

    const csv = await save(page, 'Save CSV');
    expect(csv.name).toBe('batch.csv');
    const { data } = Papa.parse<string[]>(csv.content.replace('\uFEFF', ''), { skipEmptyLines: true });
    expect(data).toEqual([
      ['line', 'status', 'answer', 'error'],
      ["'=1+1", 'Answered', '\'=HYPERLINK("x")\nmore', ''],
      ["'@b", 'Answered', "'+49 30\n-1", ''],
      ['c', 'Failed', '', expect.stringMatching(/^The prompt is too long/)],
    ]);

    const json = await save(page, 'Save JSON');
    expect(JSON.parse(json.content)).toMatchObject([
      { number: 1, input: { line: '=1+1' }, prompt: '=1+1', answer: '=HYPERLINK("x")\nmore', finishReason: 'stop' },
      { number: 2, input: { line: '@b' }, status: 'Answered', answer: '+49 30\n-1' },
      { number: 3, input: { line: 'c' }, status: 'Failed', error: expect.stringMatching(/^The prompt is too long/) },
    ]);
  });
});

describe('5,000 rows', () => {
  it('fill with few of them in the page, which takes input meanwhile', async ({ page }) => {
    let answers = 0;
    demo.upstream.answer = (res) => {
      answers += 1;
      return answers <= 400 ? echo(res) : new Promise(() => undefined);
    };
    await paste(page, numbered(5000));
    await page.getByText('5,000 lines').waitFor();
    await page.getByLabel('Prompt template').fill('{{line}}');
    await page.getByLabel('At a time').fill('50');
    await run(page);
    await page.locator('[data-kind=answered]').first().waitFor();
    expect(await page.getByRole('table').getAttribute('aria-rowcount')).toBe('5001');

    const counts: number[] = [];
    const scroll = page.getByRole('region', { name: 'Rows' });
    for (const key of ['PageDown', 'PageDown', 'End', 'PageUp', 'Home']) {
      await scroll.press(key);
      await rendered(page);
      counts.push(await page.locator('.result-row').count());
    }
    await page.getByLabel('Prompt template').fill('Something else: {{line}}');
    expect(await page.locator('.template-preview').innerText()).toContain('Something else: item 1');
    expect(await page.getByRole('button', { name: 'Stop' }).isVisible()).toBe(true);

    const done = page.locator('[role=progressbar][aria-valuenow]');
    await expect
      .poll(async () => Number(await done.getAttribute('aria-valuenow')), { timeout: 30_000 })
      .toBeGreaterThan(300);
    await page.keyboard.press('Escape');
    await waitForStatus(page, 'Stopped after');
    await scroll.press('End');
    const last = page.locator('[aria-rowindex="5001"]');
    await last.waitFor();
    expect(await last.innerText()).toContain('item 5000');
    counts.push(await page.locator('.result-row').count());
    expect(Math.max(...counts)).toBeLessThanOrEqual(100);
  });
});

describe('a reload in the middle', () => {
  it('goes on where it was, and pays for nothing twice', async ({ page }) => {
    let answers = 0;
    demo.upstream.answer = (res) => {
      answers += 1;
      return answers <= 4 ? echo(res) : new Promise(() => undefined);
    };
    await page.getByLabel('Lines').fill(numbered(8));
    await page.getByLabel('Prompt template').fill('{{line}}');
    await page.getByLabel('At a time').fill('2');
    await page.getByLabel('Go on after a reload').check();
    await run(page);
    await page.locator('[data-kind=answered]').nth(3).waitFor();
    const settled = (await rows(page)).filter(([, , status]) => status === 'Answered').map(([, input]) => input);

    demo.upstream.requests.length = 0;
    demo.upstream.answer = echo;
    await page.reload();
    await waitForStatus(page, 'Finished: 8 answered.');
    const paid = demo.upstream.requests.map(promptOf);
    expect(settled).toHaveLength(4);
    expect(paid).toHaveLength(4);
    expect(new Set([...settled, ...paid]).size).toBe(8);
    expect((await rows(page)).map(([, , , answer]) => answer)).toEqual(
      Array.from({ length: 8 }, (_, index) => `Echo: item ${index + 1}`),
    );

    await page.reload();
    await page.getByText('8 answers are kept.').waitFor();
    expect(await page.getByRole('table').count()).toBe(0);
    await page.getByRole('button', { name: 'Forget' }).click();
    expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('batch')))).toEqual([]);
  });

  it('is not prepared for unless it was asked for', async ({ page }) => {
    await page.getByLabel('Lines').fill('one\ntwo');
    await run(page);
    await waitForStatus(page, 'Finished: 2 answered.');
    expect(await page.evaluate(() => Object.keys(localStorage).filter((key) => key.includes('batch')))).toEqual([]);
  });

  it('is told to lose what a full storage did not take, and the batch goes on', async ({ page }) => {
    await page.evaluate(() => {
      // 5 MiB is what the browser gives an origin.
      let size = 4_000_000;
      for (let part = 0; size >= 1; part += 1) {
        try {
          localStorage.setItem(`filling-${part}`, 'x'.repeat(size));
        } catch {
          size = Math.floor(size / 2);
        }
      }
    });
    await page.getByLabel('Lines').fill('one\ntwo');
    await page.getByLabel('Go on after a reload').check();
    await run(page);
    await waitForStatus(page, 'Finished: 2 answered.');
    expect(await page.locator('.keep-problem').innerText()).toMatch(
      /^The browser’s storage is full\. The batch goes on/,
    );
  });
});

describe.concurrent('with the demo’s own model', () => {
  let offline: Started;
  let host: Awaited<ReturnType<typeof startStatic>>;

  beforeAll(async () => {
    [offline, host] = await Promise.all([startPreview(), startStatic()]);
  });

  afterAll(async () => {
    await Promise.all([offline?.stop(), host?.stop()]);
  });

  test('is run by one click, with no violation that axe can find, in any look', async () => {
    const page = await demo.browser.newPage({ reducedMotion: 'reduce' });
    await openBatch(page, offline.url);
    expect(await findViolationsInEachLook(page)).toEqual([]);
    await choose(page, 'Model', 'Demo, fast');
    await page.getByRole('button', { name: 'Try it with 40 product reviews' }).click();
    await page.locator('[data-kind=answered]').first().waitFor();
    expect(await findViolationsInEachLook(page)).toEqual([]);
    await waitForStatus(page, 'Finished: 40 answered.');
    expect((await rows(page))[0]).toEqual([
      '1',
      expect.stringContaining('product: kettle'),
      'Answered',
      'Positive: Boils a full litre before I have found the tea.',
    ]);

    await page.getByRole('button', { name: 'Remove' }).click();
    await page.getByLabel('Lines').fill(`Fail\nReach the token limit\n${'a'.repeat(400)}`);
    await page.getByLabel('Prompt template').fill('{{line}}');
    await run(page);
    await waitForStatus(page, 'Finished: 2 answered, 1 failed.');
    expect((await rows(page)).map(([, , status]) => status)).toEqual(['Failed', 'Cut off at the limit', 'Answered']);
    expect(await findViolationsInEachLook(page)).toEqual([]);
    await page.close();
  });

  test('works without a server', async () => {
    const page = await demo.browser.newPage({ reducedMotion: 'reduce' });
    const complaints = collectComplaints(page);
    await openBatch(page, host.url.replace(/\/$/, ''));
    await choose(page, 'Model', 'Demo, fast');
    await page.getByRole('button', { name: 'Try it with 40 product reviews' }).click();
    await waitForStatus(page, 'Finished: 40 answered.');
    expect((await rows(page))[1]?.[3]).toBe('Negative: The lid cracked in the second week.');
    expect(complaints).toEqual([]);
    await page.close();
  });
});

async function openBatch(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/#/batch`);
  await page.getByLabel('Prompt template').waitFor();
}

async function run(page: Page): Promise<void> {
  await page.getByRole('button', { name: /^Run/ }).click();
}

/** The cells of the rows that are in the page, without their heads. */
async function rows(page: Page): Promise<string[][]> {
  return page.evaluate(() =>
    [...document.querySelectorAll('.result-body [role=row]')].map((row) =>
      [...row.querySelectorAll<HTMLElement>('[role=cell]')].map((cell) => cell.innerText.trim()),
    ),
  );
}

async function description(page: Page, selector: string): Promise<string> {
  const id = await page.locator(selector).getAttribute('aria-describedby');
  return page.locator(`#${id}`).innerText();
}

async function drop(page: Page, name: string, content: string, selector = '.items-field'): Promise<void> {
  const transfer = await page.evaluateHandle(
    ([fileName, text]) => {
      const data = new DataTransfer();
      data.items.add(new File([text], fileName, { type: 'text/csv' }));
      return data;
    },
    [name, content] as const,
  );
  const target = page.locator(selector);
  await target.dispatchEvent('dragover', { dataTransfer: transfer });
  expect(await page.locator('.items-field').getAttribute('data-over')).toBe('true');
  // True where the browser would open it.
  const isLeft = await target.evaluate(
    (element, dataTransfer) =>
      element.dispatchEvent(new DragEvent('drop', { dataTransfer, bubbles: true, cancelable: true })),
    transfer,
  );
  expect(isLeft).toBe(false);
  await page.getByText(name).waitFor();
}

/** As a user does it: typing so many lines at once would take Chromium a minute. */
async function paste(page: Page, content: string): Promise<void> {
  await page.getByLabel('Lines').evaluate((field, text) => {
    const clipboardData = new DataTransfer();
    clipboardData.setData('text/plain', text);
    field.dispatchEvent(new ClipboardEvent('paste', { clipboardData, bubbles: true, cancelable: true }));
  }, content);
}

async function save(page: Page, button: string): Promise<{ name: string; content: string }> {
  const [download]: [Download, void] = await Promise.all([
    page.waitForEvent('download'),
    page.getByRole('button', { name: button }).click(),
  ]);
  return { name: download.suggestedFilename(), content: await readFile(await download.path(), 'utf8') };
}

function file(name: string, content: string): { name: string; mimeType: string; buffer: Buffer } {
  return { name, mimeType: 'text/csv', buffer: Buffer.from(content) };
}

function numbered(count: number): string {
  return Array.from({ length: count }, (_, index) => `item ${index + 1}`).join('\n');
}

function promptOf({ body }: UpstreamRequest): string {
  return (body['messages'] as { content: string }[]).at(-1)?.content ?? '';
}

/** Of the request that is being answered: the upstream answers in the same turn in which it notes the request. */
function lastPrompt(): string {
  const request = demo.upstream.requests.at(-1);
  return request ? promptOf(request) : '';
}

function echo(res: ServerResponse): void {
  answerText(res, [`Echo: ${lastPrompt()}`]);
}

function refuse(res: ServerResponse): void {
  res.writeHead(400, { 'content-type': 'application/json' });
  res.end(JSON.stringify({ error: { message: 'Far too many words.', code: 'context_length_exceeded' } }));
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => {
    setTimeout(resolve, ms);
  });
}
