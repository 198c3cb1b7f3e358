import type { Page } from 'playwright-core';
import { describe, expect } from 'vitest';
import { findViolationsInEachLook } from './support/looks.ts';
import { holdAnswers, releaseAnswers } from './support/hold-answers.ts';
import { choose, waitForStatus } from './support/pages.ts';
import { pageTest, demoOfFile } from './support/demo-of-file.ts';

/** The first fields of an answer, in the bytes of its stream. */
const PART = 1500;

const demo = demoOfFile();

const it = pageTest(demo, openForm);

describe.concurrent('the form page', () => {
  it('fills the form, item by item, while another field is typed into', async ({ page }) => {
    await holdAnswers(page, PART);
    await fill(page);
    await waitForStatus(page, 'Filling the form.');
    const notes = page.getByLabel('Notes', { exact: true });
    await notes.pressSequentially('Mine, and typed while it fills');
    await releaseAnswers(page);
    await waitForStatus(page, 'The form is filled.');
    expect(await notes.inputValue()).toBe('Mine, and typed while it fills');
    expect(await values(page, ['From', 'To', 'Number', 'Date', 'Due', 'Currency', 'Total'])).toEqual([
      'Northwind Timber Ltd.',
      'Harbour Boats',
      'NT-2041',
      '2026-03-12',
      '2026-04-11',
      'GBP',
      '322.32',
    ]);
    expect(await values(page, ['Item 1', 'Item 2', 'Item 3'])).toEqual(['Oak plank 2 m', 'Wood glue, 1 l', 'Delivery']);
    expect(await status(page, 'vendor')).toBe('filled');
    expect(await status(page, 'notes')).toBe('yours');
    expect(await page.getByLabel('Paid', { exact: true }).isChecked()).toBe(false);
  });

  it('keeps what the user wrote, suggests what the model read, and undoes all of it at once', async ({ page }) => {
    const from = page.getByLabel('From', { exact: true });
    await from.fill('My own vendor');
    await page.getByLabel('To', { exact: true }).fill('My own customer');
    await fill(page);
    await waitForStatus(page, '2 suggestions.');
    expect(await from.inputValue()).toBe('My own vendor');
    await page.getByText('The model read: Northwind Timber Ltd.').waitFor();

    await page.getByRole('button', { name: 'Take it, for From' }).click();
    expect(await from.inputValue()).toBe('Northwind Timber Ltd.');
    expect(await from.evaluate((element) => element === document.activeElement)).toBe(true);
    await waitForStatus(page, 'From: the suggestion is taken.');
    await page.getByRole('button', { name: 'Keep mine, for To' }).click();
    expect(await page.getByText('The model read').count()).toBe(0);

    await page.getByRole('button', { name: 'Undo the fill' }).click();
    await waitForStatus(page, 'Undone.');
    expect(await values(page, ['From', 'To', 'Number', 'Total'])).toEqual(['My own vendor', 'My own customer', '', '']);
    expect(await page.getByLabel('Item 1').count()).toBe(0);
  });

  it('asks for one field again, and stops on Escape', async ({ page }) => {
    await fill(page);
    await waitForStatus(page, 'The form is filled.');
    const number = page.getByLabel('Number', { exact: true });
    await number.fill('');
    await page.getByRole('button', { name: 'Ask again for: Number' }).click();
    await page.waitForFunction(
      () => document.querySelector<HTMLInputElement>('#invoice-invoiceNumber')?.value === 'NT-2041',
    );

    await holdAnswers(page, PART);
    await fill(page);
    await page.getByText('being written', { exact: true }).first().waitFor();
    await page.keyboard.press('Escape');
    await waitForStatus(page, 'Stopped. What came is kept.');
    expect(await page.getByRole('button', { name: 'Fill the form' }).isVisible()).toBe(true);
  });

  it('says at its field what does not fit, and what went wrong where it broke off', async ({ page }) => {
    await page.getByRole('button', { name: 'A total that is wrong' }).click();
    await fill(page);
    await waitForStatus(page, '1 field needs a look.');
    expect(await page.locator('#invoice-total-more').innerText()).toBe('The items and the tax come to 322.32.');
    const total = page.getByLabel('Total', { exact: true });
    expect(await total.getAttribute('aria-invalid')).toBe('true');
    await total.fill('322.32');
    expect(await total.getAttribute('aria-invalid')).toBe('false');
    await page.getByRole('button', { name: 'Check' }).click();
    await waitForStatus(page, 'Everything fits.');

    await page.getByRole('button', { name: 'A connection that breaks' }).click();
    await fill(page);
    await waitForStatus(page, 'Failed: The connection was lost.');
    expect(await values(page, ['From'])).toEqual(['Northwind Timber Ltd.']);
    // It is half of one for good.
    await page.getByText('Not complete', { exact: true }).waitFor();
    expect(await page.getByText('being written', { exact: true }).count()).toBe(0);
  });

  it('loads nothing of it on another page', async ({ page }) => {
    const names = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
    expect(names.some((name) => /FormPage-[^/]*\.js$/.test(name))).toBe(true);
    await page.goto(`${demo.url}/#/completion`);
    await page.reload();
    await page.getByLabel('Prompt').waitFor();
    const later = await page.evaluate(() => performance.getEntriesByType('resource').map(({ name }) => name));
    expect(later.some((name) => name.includes('FormPage'))).toBe(false);
  });

  it('has no violation that axe can find, in any look, and none is too wide', async ({ page }) => {
    expect(await findViolationsInEachLook(page)).toEqual([]);
    await page.getByLabel('From', { exact: true }).fill('My own vendor');
    await page.getByRole('button', { name: 'A total that is wrong' }).click();
    await fill(page);
    await waitForStatus(page, '1 suggestion.');
    expect(await findViolationsInEachLook(page)).toEqual([]);
    await page.getByRole('button', { name: 'Undo the fill' }).click();
    await waitForStatus(page, 'Undone.');
    expect(await findViolationsInEachLook(page)).toEqual([]);
    await page.getByRole('button', { name: 'A connection that breaks' }).click();
    await fill(page);
    await waitForStatus(page, 'Failed: The connection was lost.');
    expect(await findViolationsInEachLook(page)).toEqual([]);
  });
});

async function openForm(page: Page, url: string): Promise<void> {
  await page.goto(`${url}/#/form`);
  await page.getByLabel('Text of an invoice').waitFor();
  await choose(page, 'Model', 'Demo, fast');
}

async function fill(page: Page): Promise<void> {
  await page.getByRole('button', { name: 'Fill the form' }).click();
}

function values(page: Page, labels: readonly string[]): Promise<string[]> {
  return Promise.all(labels.map((label) => page.getByLabel(label, { exact: true }).inputValue()));
}

function status(page: Page, name: string): Promise<string> {
  return page.locator(`#invoice-${name}-status`).innerText();
}
