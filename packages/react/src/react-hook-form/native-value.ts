import type { UseFormReturn } from 'react-hook-form';
import { isEmpty, isSame } from './form-value.ts';
import { registered } from './dom-field.ts';

/** A value in a form that the inputs of its field can show, or why they cannot. */
export type FittedValue = { readonly value: unknown } | { readonly refusal: string };

const MOST_QUOTED = 80;

/** The elements that the form writes to. A component that is controlled shows the value in its own way. */
function inputsOf(form: UseFormReturn, name: string): readonly Element[] {
  const { _f: field } = registered(form, name) ?? {};
  return [...new Set([field?.ref, ...(field?.refs ?? [])])].filter((one) => one instanceof Element);
}

function valuesOf(elements: Iterable<Element>): string[] {
  return [...elements].map((element) => (element as HTMLInputElement | HTMLOptionElement).value);
}

function isPlain(value: unknown): value is string | number | boolean | bigint {
  return ['string', 'number', 'boolean', 'bigint'].includes(typeof value);
}

/** The value in the form that the inputs of the field take: a date-time of `datetime-local`, a plain decimal of a number. */
export function fitValue(form: UseFormReturn, name: string, value: unknown): FittedValue {
  const inputs = inputsOf(form, name);
  const [input] = inputs;
  if (!input || isEmpty(value)) return { value };
  const fitted = input instanceof HTMLSelectElement ? fitOptions(input, value) : fitInput(form, name, inputs, value);
  return fitted ?? { refusal: `The field cannot show the value ${quote(value)}` };
}

function quote(value: unknown): string {
  const text = JSON.stringify(value) ?? String(value);
  return text.length > MOST_QUOTED ? `${text.slice(0, MOST_QUOTED)}…` : text;
}

function fitInput(
  form: UseFormReturn,
  name: string,
  inputs: readonly Element[],
  value: unknown,
): FittedValue | undefined {
  const [input] = inputs;
  if (input instanceof HTMLTextAreaElement) return isPlain(value) ? { value } : undefined;
  if (!(input instanceof HTMLInputElement)) return { value };
  if (input.type === 'file') return undefined;
  if (input.type === 'radio') return fitRadio(inputs, value);
  if (input.type === 'checkbox') return fitCheckbox(inputs, value);
  const { _f: field } = registered(form, name) ?? {};
  const text = value instanceof Date && !Number.isNaN(value.getTime()) ? value.toISOString() : value;
  if (!isPlain(text)) return undefined;
  for (const spelling of spellings(input.type, String(text))) {
    const kept = keptBy(input, spelling);
    if (kept === undefined || (field?.valueAsNumber && Number.isNaN(Number(kept)))) continue;
    return { value: kept === String(value) ? value : kept };
  }
  return undefined;
}

function fitOptions(select: HTMLSelectElement, value: unknown): FittedValue | undefined {
  const known = valuesOf(select.options);
  if (!select.multiple) return isPlain(value) && known.includes(String(value)) ? { value } : undefined;
  return fitSeveral(known, value);
}

function fitSeveral(known: readonly string[], value: unknown): FittedValue | undefined {
  const wanted: unknown[] = [value].flat();
  const isKnown = wanted.every((one) => isPlain(one) && known.includes(String(one)));
  return isKnown ? { value: wanted.map(String) } : undefined;
}

function fitRadio(inputs: readonly Element[], value: unknown): FittedValue | undefined {
  return isPlain(value) && valuesOf(inputs).includes(String(value)) ? { value: String(value) } : undefined;
}

function fitCheckbox(inputs: readonly Element[], value: unknown): FittedValue | undefined {
  if (inputs.length > 1 || Array.isArray(value)) return fitSeveral(valuesOf(inputs), value);
  if (typeof value === 'boolean' || valuesOf(inputs).includes(String(value))) return { value };
  if (value === 'true' || value === 'false') return { value: value === 'true' };
  return undefined;
}

/** What an input of this kind makes of a text; `undefined` if it refuses it. A copy is asked, so the page stays as it is. */
function keptBy(input: HTMLInputElement, text: string): string | undefined {
  const copy = input.cloneNode() as HTMLInputElement;
  copy.value = text;
  switch (input.type) {
    case 'number':
    case 'range':
      return copy.value !== '' && Number(copy.value) === Number(text) ? text : undefined;
    case 'date':
    case 'datetime-local':
    case 'month':
    case 'time':
    case 'week':
      return copy.value || undefined;
    case 'color':
      return copy.value.toLowerCase() === text.toLowerCase() ? copy.value : undefined;
    default:
      return withoutSpace(copy.value) === withoutSpace(text) ? text : undefined;
  }
}

/** Some inputs drop line ends and the space around their text. */
function withoutSpace(text: string): string {
  return text.replaceAll(/\s/g, '');
}

/** The text itself, and then others of the same meaning that the type of input takes. */
function spellings(type: string, text: string): readonly string[] {
  const trimmed = text.trim();
  switch (type) {
    case 'number':
    case 'range':
      return [text, ...plainNumber(trimmed)];
    case 'color':
      return [text, trimmed.replace(/^#([\da-f])([\da-f])([\da-f])$/i, '#$1$1$2$2$3$3')];
    case 'date':
    case 'datetime-local':
    case 'month':
    case 'time':
      return [text, ...dateTimes(type, trimmed)];
    default:
      return [text];
  }
}

/** A number with separators of thousands, and a comma or a point before its decimals, where it can be only one number. */
function plainNumber(text: string): readonly string[] {
  const compact = text.replaceAll(/[\s'’_]/g, '');
  if (/^[+-]?\d+(?:\.\d+)?$/.test(compact)) return [compact.replace(/^\+/, '')];
  const match = /^([+-]?)([\d.,]*\d)$/.exec(compact);
  if (!match) return [];
  const [, sign = '', digits = ''] = match;
  const separators = digits.replaceAll(/\d/g, '');
  const last = separators.at(-1);
  if (last === undefined) return [];
  const isMixed = separators.includes('.') && separators.includes(',');
  const isGrouping = separators.length > 1 && !isMixed;
  const at = isGrouping ? digits.length : digits.lastIndexOf(last);
  const whole = digits.slice(0, at);
  const decimals = digits.slice(at + 1);
  const group = isMixed ? (last === '.' ? ',' : '.') : last;
  const groups = whole.split(group);
  const isGrouped = groups.every((each, index) => (index === 0 ? /^\d{1,3}$/ : /^\d{3}$/).test(each));
  if (isMixed || isGrouping) {
    return isGrouped ? [`${sign === '-' ? '-' : ''}${groups.join('')}${decimals && `.${decimals}`}`] : [];
  }
  // `1,234` is one thing in Berlin and another in London.
  if (decimals.length === 3 && isGrouped && whole !== '0') return [];
  return [`${sign === '-' ? '-' : ''}${whole || '0'}.${decimals}`];
}

const DATE_TIME = /^(\d{4,6}-\d{2}-\d{2})(?:[T ](\d{2}:\d{2}(?::\d{2}(?:\.\d{1,3})?)?)\d{0,9}(Z|[+-]\d{2}:?\d{2})?)?$/i;

/** The part of an ISO 8601 date-time that an input for dates or times shows. With an offset, it is that of this place. */
function dateTimes(type: string, text: string): readonly string[] {
  const match = DATE_TIME.exec(text);
  if (!match) return [];
  const [, date = '', time, zone] = match;
  if (type === 'date') return [date];
  if (type === 'month') return [date.slice(0, -3)];
  if (time === undefined) return [];
  const local = zone === undefined ? `${date}T${time}` : localDateTime(`${date}T${time}${zone}`);
  if (local === undefined) return [];
  return [type === 'time' ? local.slice(local.indexOf('T') + 1) : local];
}

function localDateTime(text: string): string | undefined {
  const instant = new Date(text);
  const time = instant.getTime();
  if (Number.isNaN(time)) return undefined;
  return new Date(time - instant.getTimezoneOffset() * 60_000).toISOString().slice(0, -1);
}

/**
 * Whether the page shows what the form holds: the browser, or React after an action, may have reset the page and not the
 * form. What a field makes of its text is compared only as empty or not.
 */
export function isOnPage(form: UseFormReturn, name: string): boolean {
  const inputs = inputsOf(form, name);
  const [input] = inputs;
  const value: unknown = form.getValues(name);
  if (input instanceof HTMLSelectElement) return isSameSet(valuesOf(input.selectedOptions), value);
  if (input instanceof HTMLTextAreaElement) return isSame(input.value, value);
  if (!(input instanceof HTMLInputElement)) return true;
  if (input.type === 'file') return true;
  if (input.type === 'checkbox' && (typeof value === 'boolean' || isEmpty(value))) return input.checked === !!value;
  if (input.type === 'checkbox' || input.type === 'radio') {
    return isSameSet(valuesOf((inputs as HTMLInputElement[]).filter(({ checked }) => checked)), value);
  }
  const { _f: field } = registered(form, name) ?? {};
  if (field?.setValueAs || field?.valueAsDate) return (input.value === '') === isEmpty(value);
  return isSame(input.value, value) || (input.value !== '' && Number(input.value) === value);
}

function isSameSet(shown: readonly string[], value: unknown): boolean {
  const held = isEmpty(value) ? [] : [value].flat().map(String);
  const seen = shown.filter((one) => one !== '' || held.includes(''));
  return seen.length === held.length && seen.every((one) => held.includes(one));
}

/** Why the browser would not submit what a fill has written there, in its own words. */
export function constraintOf(form: UseFormReturn, name: string): string | undefined {
  const [input] = inputsOf(form, name);
  if (!(input instanceof HTMLInputElement || input instanceof HTMLTextAreaElement)) return undefined;
  if (input.form?.noValidate || input.disabled) return undefined;
  const { maxLength, value, validity, validationMessage } = input;
  // The browser minds the length of typed text only.
  if (maxLength >= 0 && value.length > maxLength) return `Longer than ${maxLength} characters`;
  const { patternMismatch, rangeOverflow, rangeUnderflow, stepMismatch, typeMismatch } = validity;
  const isBroken = patternMismatch || rangeOverflow || rangeUnderflow || stepMismatch || typeMismatch;
  return isBroken ? validationMessage : undefined;
}

/** Elements that are edited in place have no value that the form could set. */
export function showInPlace(form: UseFormReturn, name: string): void {
  const [element] = inputsOf(form, name);
  if (!(element instanceof HTMLElement) || !element.isContentEditable) return;
  const value: unknown = form.getValues(name);
  const text = isPlain(value) ? String(value) : '';
  if (element.textContent !== text) element.textContent = text;
}

/** Calls back when the options of a select change, until that returns false. */
export function watchOptions(form: UseFormReturn, name: string, onOptions: () => boolean): void {
  const [select] = inputsOf(form, name);
  if (!(select instanceof HTMLSelectElement)) return;
  const observer = new MutationObserver(() => {
    if (!onOptions()) observer.disconnect();
  });
  observer.observe(select, { childList: true, subtree: true, attributes: true, attributeFilter: ['value'] });
}
