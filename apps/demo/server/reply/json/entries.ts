import { NUMBER, NUMBER_WORD, parseNumber, round } from './numbers.ts';

/** One line of a list: an item of an invoice, an ingredient, a step. */
export interface Entry {
  text: string;
  name: string;
  quantity?: number | undefined;
  unit?: string | undefined;
  unitPrice?: number | undefined;
  total?: number | undefined;
}

const CURRENCY = String.raw`(?:€|\$|£|¥|EUR|USD|GBP|CHF|JPY|SEK|euros?|dollars?|pounds?)`;
const MONEY = String.raw`(?:${CURRENCY}\s?)?(${NUMBER})(?:\s?${CURRENCY})?`;
const UNIT = String.raw`(?:kg|g|grams?|mg|ml|cl|dl|l|litres?|liters?|lbs?|oz|cups?|tbsp|tablespoons?|tsp|teaspoons?|cloves?|pinch(?:es)?|slices?|cans?|tins?|bunch(?:es)?|sprigs?|handfuls?|sticks?|leaves|pieces?|pcs|packs?|boxes|hours?|hrs?|h|days?|months?|licen[cs]es?|seats?|units?|m|cm)`;
const COUNT = String.raw`(${NUMBER}|${NUMBER_WORD}\b)`;

const FORMS: readonly (readonly [RegExp, readonly (keyof Entry)[]])[] = [
  // 3 x Widget at 4.50 EUR each (= 13.50)
  [
    new RegExp(
      String.raw`^${COUNT}(?:\s?(?:x|×)(?=\s)|\s?(${UNIT})\b)?\.?\s+(?:of\s+)?(.{1,80}?)[,:;]?\s+(?:@|at|à|for|–|-|=)?\s*${MONEY}(?:\s*(?:each|apiece|a piece|per \w+|\/\s?\w+))?(?:\s*[=,:(–-]+\s*(?:total\s*)?${MONEY}\)?)?$`,
      'i',
    ),
    ['quantity', 'unit', 'name', 'unitPrice', 'total'],
  ],
  // Design work: 12 h × 80.00 = 960.00
  [
    new RegExp(
      String.raw`^(.{1,80}?)[,:;–-]?\s+${COUNT}\s?(${UNIT})?\s*(?:x|×|@|at|à|,)\s*${MONEY}(?:\s*(?:each|apiece|per \w+|\/\s?\w+))?(?:\s*[=,:(–-]+\s*(?:total\s*)?${MONEY}\)?)?$`,
      'i',
    ),
    ['name', 'quantity', 'unit', 'unitPrice', 'total'],
  ],
];
const INGREDIENT = new RegExp(String.raw`^(?:about\s+)?${COUNT}\s?(?:(${UNIT})\b\.?)?\s*(?:of\s+)?(\D.{0,80})$`, 'i');
const BULLET = /^\s*(?:[-*•–]|\d{1,2}[.)])\s+/;
const SUMMARY = /^(sub-?total|total|grand total|net|vat|tax|sum|amount|due|shipping|discount|balance)\b/i;

/** The items of an invoice or an order: what has a count and a price. */
export function findItems(text: string): Entry[] {
  const lines = linesOf(text);
  const inLines = lines.flatMap((line) => asItem(line) ?? asRow(line) ?? []);
  if (inLines.length > 0) return inLines;
  return piecesOf(text).flatMap(
    (piece) => asItem(piece.replace(/^.*?:\s+/, '')) ?? asItem(piece.replace(/^\D+/, '')) ?? [],
  );
}

function asItem(given: string): Entry | undefined {
  const line = given.replace(BULLET, '').trim();
  if (SUMMARY.test(line)) return undefined;
  for (const [pattern, names] of FORMS) {
    const found = pattern.exec(line);
    if (!found) continue;
    const entry: Entry = { text: line, name: '' };
    for (const [index, key] of names.entries()) {
      const part = found[index + 1]?.trim();
      if (part === undefined) continue;
      if (key === 'name' || key === 'unit') entry[key] = part;
      else if (key !== 'text') entry[key] = parseNumber(part);
    }
    // “2 licences at 45.50”: what is counted is the thing itself.
    if (/^(at|for|of|@|à)?$/i.test(entry.name)) Object.assign(entry, { name: entry.unit ?? line, unit: undefined });
    return withTotal(entry);
  }
  return undefined;
}

/** A row of a table whose columns are name, count, price and perhaps sum. */
function asRow(line: string): Entry | undefined {
  if (SUMMARY.test(line.replace(/^\W+/, ''))) return undefined;
  const cells = line.split(/\s*\|\s*|\t+|\s{2,}/).filter(Boolean);
  const name = cells.find((cell) => /\p{L}{2}/u.test(cell) && !/^\W*\d/.test(cell));
  const numbers = cells.flatMap((cell) => {
    const found = new RegExp(`^\\W*${MONEY}\\W*(?:${UNIT})?$`, 'i').exec(cell);
    return found?.[1] ? (parseNumber(found[1]) ?? []) : [];
  });
  if (!name || numbers.length < 2) return undefined;
  const [quantity, unitPrice, total] = numbers;
  return withTotal({ text: line, name, quantity, unitPrice, total });
}

function withTotal(entry: Entry): Entry {
  const { quantity, unitPrice, total } = entry;
  return {
    ...entry,
    total: total ?? (quantity !== undefined && unitPrice !== undefined ? round(quantity * unitPrice) : undefined),
  };
}

/** What is counted or weighed. */
export function findIngredients(text: string): Entry[] {
  const source = sectionOf(text, /^ingredients?\b/i) ?? text;
  const lines = linesOf(source).filter((line) => !/^\s*\d{1,2}[.)]\s/.test(line));
  const read = (piece: string): Entry[] =>
    asIngredient(
      piece
        .replace(BULLET, '')
        .replace(/[.;,]$/, '')
        .trim(),
    );
  const inLines = lines.flatMap((line) =>
    line.length < 60 && !/[.!?]\s/.test(line) && !/,\s.*,\s/.test(line) ? read(line) : [],
  );
  if (inLines.length > 1) return inLines;
  return piecesOf(source).flatMap((piece) =>
    read(piece.replace(/^.*?(?::\s+|\b(?:need|take|use|with|mix|of)\s+)(?=\d|an?\b|one\b|two\b|three\b)/i, '')),
  );
}

const NO_INGREDIENT =
  /\b(minutes?|mins?|hours?|degrees?|servings?|people|persons?|portions?|serves|°|oven|until|bake|cook|recipe)\b/i;

function asIngredient(text: string): Entry[] {
  const [, count = '', unit, name = ''] = INGREDIENT.exec(text) ?? [];
  if (!name || NO_INGREDIENT.test(text) || !/\p{L}/u.test(name)) return [];
  return [{ text, name: name.replace(/^(of|the)\s+/i, '').trim(), quantity: parseNumber(count), unit }];
}

const IMPERATIVE =
  /^(?:then |now |next,? |finally,? |first,? )?(mix|stir|add|bake|cook|boil|fry|heat|whisk|chop|cut|slice|pour|serve|preheat|knead|let|leave|melt|roast|simmer|season|combine|fold|beat|peel|grate|drain|rest|turn|spread|put|place|bring|sprinkle|flip|press)\b/i;

/** What to do, one thing after the other. */
export function findSteps(text: string): Entry[] {
  const section = sectionOf(text, /^(method|steps?|directions?|instructions?|preparation)\b/i);
  const source = section ?? text;
  const listed = linesOf(source).filter((line) => (section ? BULLET.test(line) : /^\s*\d{1,2}[.)]\s+/.test(line)));
  const steps =
    listed.length > 0 ? listed : sentencesOf(source).filter((sentence) => section || IMPERATIVE.test(sentence));
  return steps.map((step) => {
    const name = step.replace(BULLET, '').trim();
    return { text: name, name };
  });
}

/** The points of any list: bullets, else what stands between commas, else sentences. */
export function findPoints(text: string): Entry[] {
  const bullets = linesOf(text).filter((line) => BULLET.test(line));
  const series = /:\s*([^:\n]{3,400})$/m.exec(text)?.[1];
  const pieces = series ? splitSeries(series) : [];
  const points = bullets.length > 1 ? bullets : pieces.length > 1 ? pieces : sentencesOf(text);
  return points
    .map((point) => point.replace(BULLET, '').trim())
    .filter(Boolean)
    .map((point) => asRecord(point) ?? { text: point, name: point.replace(/[.;]$/, '') });
}

/** A point that says several things of one: “Ada Byron; age: 36; city: Bristol”. */
function asRecord(point: string): Entry | undefined {
  const [name = '', ...parts] = point.split(/;\s+/);
  const isRecord = parts.length > 0 && parts.every((part) => /^[\p{L}][\p{L}\p{N} ]{0,30}:\s/u.test(part));
  return isRecord ? { text: [name, ...parts].join('\n'), name } : undefined;
}

/** What follows a heading of its own, up to the next one. */
export function sectionOf(text: string, heading: RegExp): string | undefined {
  const lines = text.split('\n');
  const isHeading = (line: string): boolean =>
    /^\W*[\p{L} ]{3,30}:?\W*$/u.test(line) && (/:\s*$/.test(line) || /^\s*#/.test(line));
  const bare = (line: string): string => line.replace(/^[\s#*]+/, '');
  const start = lines.findIndex((line) => heading.test(bare(line)) && (isHeading(line) || /^[\s#*]*\w+:\s/.test(line)));
  if (start < 0) return undefined;
  const end = lines.findIndex((line, index) => index > start && isHeading(line));
  const first = lines[start]?.replace(/^[^:]*:?/, '') ?? '';
  return [first, ...lines.slice(start + 1, end < 0 ? undefined : end)].join('\n');
}

export function linesOf(text: string): string[] {
  return text.split('\n').filter((line) => line.trim());
}

export function sentencesOf(text: string): string[] {
  return text
    .split(/(?<=[.!?])\s+|\n+/)
    .map((sentence) => sentence.trim())
    .filter(Boolean);
}

function piecesOf(text: string): string[] {
  return sentencesOf(text).flatMap((sentence) => splitSeries(sentence.replace(/[.!?]$/, '')));
}

function splitSeries(text: string): string[] {
  return text
    .split(/,\s+(?:and\s+)?|;\s*|\s+and\s+/)
    .map((piece) => piece.trim())
    .filter(Boolean);
}
