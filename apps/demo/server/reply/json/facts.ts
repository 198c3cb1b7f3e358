import { capitalize } from '../text.ts';
import { findDates } from './dates.ts';
import { findIngredients, findItems, findPoints, findSteps, linesOf, sentencesOf, type Entry } from './entries.ts';
import { NUMBER, parseNumber } from './numbers.ts';

/** What can be read off a text about a property, by the property's name. */
export interface Facts {
  text: string;
  entry?: Entry | undefined;
  number: (property: string) => number | undefined;
  date: (property: string) => string | undefined;
  time: () => string | undefined;
  string: (property: string) => string | undefined;
  boolean: (property: string) => boolean | undefined;
  option: (property: string, options: readonly string[]) => string | undefined;
  email: () => string | undefined;
  url: () => string | undefined;
  /** The parts that the elements of a list are about. */
  list: (property: string) => Entry[];
  /** For text that must be there although nothing was found. */
  words: (property: string) => string;
}

/** Other words for what a property may be called; the first pattern that fits the name. */
const SYNONYMS: readonly (readonly [RegExp, string])[] = [
  [
    /^(sender|vendor|seller|supplier|issuer|from|biller|company|merchant|store|shop)/,
    'from|seller|vendor|supplier|sender|issued by|company|merchant',
  ],
  [
    /^(recipient|customer|client|buyer|to\b|bill(ed)? to|receiver)/,
    'bill(?:ed)? to|to|customer|client|buyer|recipient',
  ],
  [/^(due|pay(able|ment)?\b.*(date|until|by))/, 'due(?: date| on| by)?|payable (?:by|until)|pay by|payment due'],
  [/^(sub total|subtotal|net)/, 'sub-?total|net(?: amount)?'],
  [/^(tax|vat)/, 'vat|tax|mwst|gst'],
  [
    /^(grand )?total( amount| price)?$|^(amount|sum)( due)?$/,
    'grand total|total due|amount due|total|balance|sum|amount',
  ],
  [/^(servings?|portions?|serves|yield|people|persons)/, 'serves|servings?|portions?|people|persons|makes|yields?'],
  [/^prep/, 'prep(?:aration)?(?: time)?'],
  [/^(cook|bak)/, 'cook(?:ing)?(?: time)?|bak(?:e|ing)(?: time)?'],
  [/^((total|duration) )?(minutes|time|duration)/, 'minutes?|mins?|takes|ready in'],
  [/^(phone|tel|mobile)/, 'phone|tel(?:ephone)?|mobile'],
  [/^(issue|invoice|order)?\s?date|^issued/, 'invoice date|issue date|issued(?: on)?|dated?'],
];
const VAGUE = new Set('the of is has a an in per value id date name total amount count number'.split(' '));

const CODE =
  /\b(?:(?:invoice|rechnung|order|receipt|bill|reference|ref|ticket|case|booking)\s*(?:no\.?|nr\.?|number|id)?|number|no\.|nr\.)\s*[:#]*\s*#?\s*([A-Z]{0,6}[-/]?\d[\w/-]{0,30})/i;
const CURRENCIES: readonly (readonly [string, RegExp])[] = [
  ['EUR', /€|\bEUR\b|\beuros?\b/i],
  ['USD', /\$|\bUSD\b|\bdollars?\b/i],
  ['GBP', /£|\bGBP\b|\bpounds? sterling\b/i],
  ['CHF', /\bCHF\b|\bfrancs?\b/i],
  ['JPY', /¥|\bJPY\b|\byen\b/i],
  ['SEK', /\bSEK\b|\bkronor\b/i],
];
const SIGNS: Record<string, string> = { '€': 'EUR', $: 'USD', '£': 'GBP', '¥': 'JPY' };
const GOOD = /\b(love|loved|great|excellent|perfect|best|wonderful|good|happy|like|friendly|thanks)\b/i;
const BAD = /\b(broken?|terrible|awful|bad|worst|poor|hate|disappoint\w*|late|missing|refund|slow)\b/i;
/** What asks for something and is not part of what it is about. */
const INSTRUCTION =
  /^\s*(please\s+)?(extract|read|fill|parse|convert|turn|give|make|write|create|list|return|describe|find|take|summari[sz]e|what follows|the following|here is|this is|answer)\b[^\n]{0,200}?(?::\s*(?=\S)|:?\s*\n)/i;

/** No more of a text is read, in characters: patterns are tried at each of them. */
const MAX_READ = 12_000;

/** Without long runs of blanks, which would be tried from each of them. Two spaces may part columns. */
function tidy(text: string): string {
  return text
    .slice(0, MAX_READ)
    .replace(/\r/g, '')
    .replace(/ {3,}/g, '  ')
    .replace(/\t{2,}/g, '\t')
    .replace(/\n(?:[ \t]*\n)+/g, '\n\n')
    .trim();
}

export function readFacts(prompt: string, entry?: Entry): Facts {
  const bounded = tidy(prompt);
  const text = bounded.replace(INSTRUCTION, (whole) => (whole.length < bounded.length ? '' : whole));
  const lines = linesOf(text);

  const number = (property: string): number | undefined => {
    const name = wordsOf(property).join(' ');
    if (entry) {
      if (/unit price|price|rate|each|cost/.test(name) && entry.unitPrice !== undefined && !/total/.test(name))
        return entry.unitPrice;
      if (/total|sum|net/.test(name) && entry.total !== undefined) return entry.total;
      if (/amount/.test(name) && entry.unitPrice !== undefined) return entry.total;
      if (/quantity|qty|count|amount|number|units|hours|grams/.test(name) && entry.quantity !== undefined)
        return entry.quantity;
    }
    if (/^(subtotal|sub total|net)/.test(name)) return near('sub-?total|net(?: amount)?') ?? sumOfItems();
    if (/rate|percent/.test(name) && /tax|vat|discount/.test(name)) return read(new RegExp(`(${NUMBER})\\s?%`));
    if (/^(tax|vat)/.test(name)) return near('vat|tax|mwst|gst', '[^\\n\\d]{0,12}(?:\\d+(?:[.,]\\d+)?\\s?%)?');
    if (/minutes|duration|time/.test(name)) return minutes(name);
    if (/(^| )(total|sum)/.test(name))
      return near('grand total|total due|amount due|(?<!sub-?\\s?)total|balance|sum') ?? sumOfItems();
    for (const label of labelsOf(property)) {
      const found = near(label) ?? read(new RegExp(`(${NUMBER})[ -]?(?:${label})\\b`, 'i'));
      if (found !== undefined) return found;
    }
    return undefined;
  };
  const read = (pattern: RegExp): number | undefined => {
    const written = pattern.exec(text)?.[1];
    return written === undefined ? undefined : parseNumber(written);
  };
  const near = (label: string, between = ''): number | undefined =>
    read(new RegExp(`(?<![\\p{L}\\d])(?:${label})(?!\\p{L})${between}[^\\n\\d-]{0,24}?(${NUMBER})(?!\\s?%)`, 'iu'));
  const sumOfItems = (): number | undefined => {
    const totals = findItems(text).map(({ total }) => total ?? 0);
    return totals.length > 0 ? Math.round(totals.reduce((sum, one) => sum + one, 0) * 100) / 100 : undefined;
  };
  const minutes = (name: string): number | undefined => {
    const label = /prep/.test(name) ? 'prep\\w*' : /cook|bak/.test(name) ? 'cook\\w*|bak\\w*|roast\\w*|simmer\\w*' : '';
    const source = label ? (new RegExp(`\\b(?:${label})\\b[^.\\n]{0,60}`, 'i').exec(text)?.[0] ?? '') : text;
    const all = [...source.matchAll(/(\d{1,4})\s?-?(hours?|hrs?|h|minutes?|mins?)\b/gi)].map(
      ([, count, unit]) => Number(count) * (/^h/i.test(unit ?? '') ? 60 : 1),
    );
    if (all.length === 0) return undefined;
    return label
      ? all[0]
      : (near('total(?: time)?|takes|ready in') ??
          (all.length === 1 ? all[0] : all.reduce((sum, one) => sum + one, 0)));
  };

  const dates = findDates(text);
  const date = (property: string): string | undefined => {
    for (const label of labelsOf(property)) {
      const at = new RegExp(`(?<!\\p{L})(?:${label})(?!\\p{L})`, 'iu').exec(text);
      const found = at && dates.find(({ index }) => index >= at.index && index - at.index - at[0].length < 40);
      if (found) return found.iso;
    }
    const name = wordsOf(property).join(' ');
    const isLast = /due|end|until|expir|deadline|return|to\b|check ?out|arriv/.test(name);
    if (isLast) return dates.length > 1 ? dates.at(-1)?.iso : undefined;
    return dates[0]?.iso;
  };

  const labelled = (label: string): string | undefined => {
    const found = new RegExp(`^[\\s*#-]*(?:${label})\\b\\*{0,2}\\s*[:#]\\s*(.{1,200})$`, 'imu').exec(text)?.[1]?.trim();
    if (found) return found;
    return undefined;
  };

  const string = (property: string): string | undefined => {
    const name = wordsOf(property).join(' ');
    if (entry) {
      if (/unit|measure/.test(name)) return entry.unit;
      if (/amount|quantity|qty/.test(name))
        return entry.quantity === undefined ? undefined : [entry.quantity, entry.unit].filter(Boolean).join(' ');
      if (
        /name|description|title|item|product|ingredient|step|text|instruction|label|point|task|what/.test(name) ||
        !name
      )
        return entry.name;
    }
    if (/currency/.test(name)) return CURRENCIES.find(([, pattern]) => pattern.test(text))?.[0];
    if (/e ?mail/.test(name)) return email();
    if (/url|website|link|homepage/.test(name)) return url();
    if (/phone|tel|mobile/.test(name)) return /(?:\+|\b0)\d[\d ()/-]{5,18}\d/.exec(text)?.[0];
    if (/\b(number|no|id|reference|code)\b/.test(name))
      return CODE.exec(text)?.[1] ?? labelled(labelsOf(property).join('|'));
    if (/date|deadline|due/.test(name)) return date(property);
    for (const label of labelsOf(property)) {
      const found = labelled(label);
      if (found) return found;
    }
    const who = 'seller|vendor|supplier|sender|issuer|from|biller|company|merchant|store|shop';
    if (new RegExp(`^(${who})`).test(name)) return properName(/\b(?:from|by|at)\s+/g) ?? letterhead();
    if (/^(recipient|customer|client|buyer|to\b|bill)/.test(name))
      return properName(/\b(?:to|for|dear|attention)\s+/gi);
    if (/title|dish|recipe|subject|headline|topic/.test(name)) return title();
    if (/summary|description|abstract|overview|notes?|comment|message|text|body/.test(name)) return summary(name);
    if (/name|person|author|contact|who/.test(name))
      return (
        properName(/\b(?:my name is|i am|i'm|name is|called|named|by|contact|meet)\s+/gi) ??
        (/first|last|full|person/.test(name) ? undefined : title())
      );
    if (/city|place|location|country|where|destination|address/.test(name))
      return properName(/\b(?:in|at|to|near|from|live in)\s+/g);
    return undefined;
  };

  /** Words in capitals after an opening. */
  const properName = (opening: RegExp): string | undefined => {
    const pattern = new RegExp(
      `${opening.source}((?:\\p{Lu}[\\p{L}\\d&'’-]*)(?:\\s+(?:&\\s+)?(?:\\p{Lu}[\\p{L}\\d&'’-]*|&|of|and(?=\\s\\p{Lu}))){0,5})`,
      'gu' + (opening.flags.includes('i') ? '' : ''),
    );
    const found =
      pattern.exec(text)?.[1] ??
      new RegExp(
        pattern.source.replace(/^\\b\(\?:(\w)/, (whole, first: string) => whole.replace(first, first.toUpperCase())),
        'gu',
      ).exec(text)?.[1];
    return found?.replace(/[\s.,;]+$/, '');
  };
  const letterhead = (): string | undefined =>
    lines
      .slice(0, 3)
      .map((line) => line.replace(/[#*]/g, '').trim())
      .find(
        (line) =>
          /^\p{Lu}/u.test(line) && !/^(invoice|receipt|bill|order|date|to|no)\b/i.test(line) && line.length < 60,
      );
  const title = (): string | undefined => {
    const named =
      /\b(?:recipe (?:for|of)|how to make|making|about|titled|called)\s+(?:an?\s+|the\s+)?([^.,:;\n]{3,60})/i.exec(
        text,
      )?.[1];
    const first = lines[0]?.replace(/^[\s#*]+|[*\s:]+$/g, '') ?? '';
    if (named && (first.length > 60 || new RegExp(`recipe|make|making|about|titled|called`, 'i').test(first)))
      return capitalize(named.replace(/\s+(for|with|that|in)\s+\w+ (people|persons|minutes|servings).*$/i, '').trim());
    const short = (first.split(/[.!?:,]\s/)[0] ?? '').replace(/[.!?]$/, '').slice(0, 80);
    return short ? capitalize(short) : undefined;
  };
  const summary = (name: string): string | undefined => {
    if (entry) return entry.text;
    const labelledNotes = /notes?|comment/.test(name)
      ? /(?:notes?|comment|please)\b:?\s+([^\n]{3,200})/i.exec(text)?.[1]
      : undefined;
    if (/notes?|comment/.test(name)) return labelledNotes;
    return sentencesOf(text).reduce((longest, one) => (one.length > longest.length ? one : longest), '') || undefined;
  };

  const email = (): string | undefined => /[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/.exec(text)?.[0];
  const url = (): string | undefined => /https?:\/\/[^\s<>"')]{3,200}/.exec(text)?.[0]?.replace(/[.,;]$/, '');

  const boolean = (property: string): boolean | undefined => {
    const words = wordsOf(property).filter((word) => !/^(is|has|are|was|can|should|the|a)$/.test(word));
    for (const word of words) {
      const stem = escape(word.slice(0, Math.max(4, word.length - 2)));
      const line = new RegExp(`^[\\s*-]*${escape(word)}\\s*:\\s*(yes|no|true|false)`, 'im').exec(text)?.[1];
      if (line) return /yes|true/i.test(line);
      if (new RegExp(`\\b(?:no|not|never|without|non|isn't|aren't|un)[- ]?(?:\\w+ ){0,2}?${stem}`, 'i').test(text))
        return false;
      if (new RegExp(`\\b${stem}`, 'i').test(text)) return true;
    }
    return undefined;
  };

  const option = (property: string, options: readonly string[]): string | undefined => {
    const source = entry ? entry.text : text;
    const currency = CURRENCIES.find(
      ([code, pattern]) =>
        options.some((one) => one.toUpperCase() === code || SIGNS[one] === code) && pattern.test(source),
    )?.[0];
    const byCurrency = currency && options.find((one) => one.toUpperCase() === currency || SIGNS[one] === currency);
    if (byCurrency) return byCurrency;
    if (entry?.unit) {
      const unit = entry.unit.toLowerCase();
      const byUnit = options.find((one) => one.toLowerCase() === unit || `${one.toLowerCase()}s` === unit);
      if (byUnit) return byUnit;
    }
    const tone = BAD.test(source)
      ? /^(negative|bad|angry|unhappy|sad)/i
      : GOOD.test(source)
        ? /^(positive|good|happy)/i
        : /^(neutral|unknown)/i;
    const byTone = options.some((one) => /^(positive|negative)$/i.test(one)) && options.find((one) => tone.test(one));
    if (byTone) return byTone;
    const said = labelsOf(property).map(labelled).find(Boolean)?.toLowerCase() ?? '';
    const scored = options.map((one) => {
      const words = wordsOf(one);
      const hits = words.filter((word) =>
        new RegExp(`(?<![\\p{L}\\d])${escape(word.length > 5 ? word.slice(0, -2) : word)}`, 'iu').test(source),
      ).length;
      return {
        one,
        score: (words.length > 0 ? hits / words.length : 0) + (said && said.includes(one.toLowerCase()) ? 2 : 0),
      };
    });
    const best = scored.reduce<{ one: string; score: number } | undefined>(
      (top, next) => (next.score > (top?.score ?? 0) ? next : top),
      undefined,
    );
    return best?.one;
  };

  const list = (property: string): Entry[] => {
    const name = wordsOf(property).join(' ');
    if (/ingredient/.test(name)) return findIngredients(text);
    if (/step|instruction|method|direction/.test(name)) return findSteps(text);
    if (/item|line|position|product|order|article|charge/.test(name)) {
      const items = findItems(text);
      return items.length > 0 ? items : findIngredients(text);
    }
    if (/tag|keyword|topic|categor/.test(name)) return keywords().map((word) => ({ text: word, name: word }));
    if (/email/.test(name))
      return [...text.matchAll(/[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}/g)].map(([found]) => ({
        text: found,
        name: found,
      }));
    const said = labelsOf(property).map(labelled).find(Boolean);
    if (said) return said.split(/,\s*|;\s*|\s+and\s+/).map((one) => ({ text: one, name: one }));
    const points = findPoints(text);
    return entry && points.length < 2 ? [] : points;
  };
  const keywords = (): string[] => [...new Set(text.toLowerCase().match(/\p{L}{5,}/gu) ?? [])].slice(0, 5);

  const words = (property: string): string => {
    const own = entry?.name || text.split(/[.!?\n]/)[0]?.trim() || '';
    const few = own.split(/\s+/).filter(Boolean).slice(0, 6).join(' ');
    return few || capitalize(wordsOf(property).join(' ')) || 'Nothing';
  };

  const time = (): string | undefined => /\b([01]?\d|2[0-3]):([0-5]\d)\b/.exec(text)?.[0]?.padStart(5, '0');
  return { text, entry, number, date, time, string, boolean, option, email, url, list, words };
}

/** `invoiceNumber`, `invoice_number`: its words. */
export function wordsOf(name: string): string[] {
  return name
    .replace(/(\p{Ll}|\d)(\p{Lu})/gu, '$1 $2')
    .toLowerCase()
    .split(/[^\p{L}\p{N}]+/u)
    .filter(Boolean);
}

/** Patterns for what a text may call a property: the whole name first, then its telling words. */
function labelsOf(property: string): string[] {
  const words = wordsOf(property);
  const name = words.join(' ');
  const synonyms = SYNONYMS.find(([pattern]) => pattern.test(name))?.[1];
  const telling = words
    .filter((word) => !VAGUE.has(word) && word.length > 2)
    .map((word) => `${escape(word.replace(/s$/, ''))}s?`);
  return [words.map(escape).join('[ _-]?'), ...(synonyms ? [synonyms] : []), ...telling].filter(Boolean);
}

function escape(text: string): string {
  return text.replace(/[.*+?^${}()|[\]\\/-]/g, '\\$&');
}
