import type { Draft } from './draft.ts';

/** Something to ask for, and a text that has it. */
export interface Sample extends Draft {
  label: string;
}

const text = { type: 'string' };
const number = { type: 'number' };
const integer = { type: 'integer' };

function object(properties: Record<string, unknown>, optional: readonly string[] = []): object {
  return { type: 'object', properties, required: Object.keys(properties).filter((name) => !optional.includes(name)) };
}

function list(items: unknown): object {
  return { type: 'array', items };
}

/** Indented, but with what is short in one line. */
function format(value: unknown, indent = ''): string {
  const line = JSON.stringify(value, null, 1).replaceAll(/\s+/g, ' ');
  if (typeof value !== 'object' || value === null || indent.length + line.length < 64) return line;
  const inner = `${indent}  `;
  const parts = Array.isArray(value)
    ? value.map((one) => format(one, inner))
    : Object.entries(value).map(([name, one]) => `${JSON.stringify(name)}: ${format(one, inner)}`);
  const [open, close] = Array.isArray(value) ? '[]' : '{}';
  return `${open}\n${inner}${parts.join(`,\n${inner}`)}\n${indent}${close}`;
}

const recipe: Sample = {
  label: 'A recipe',
  isList: false,
  schemaText: format(
    object({
      title: text,
      servings: { type: 'integer', minimum: 1 },
      totalMinutes: integer,
      difficulty: { enum: ['easy', 'medium', 'hard'] },
      vegetarian: { type: 'boolean' },
      ingredients: list(object({ name: text, amount: number, unit: text }, ['unit'])),
      steps: list(text),
    }),
  ),
  prompt:
    'Grandma’s lentil soup. Serves 4 and takes 45 minutes. You need 250 g red lentils, 1 onion, 2 cloves garlic, 1 1/2 l stock and a pinch of salt. Chop the onion and garlic. Fry them in oil. Add the lentils and stock, and simmer for 25 minutes. It is easy and vegetarian.',
};

const invoice: Sample = {
  label: 'An invoice',
  isList: false,
  schemaText: format(
    object(
      {
        sender: text,
        recipient: text,
        invoiceNumber: text,
        issueDate: { type: 'string', format: 'date' },
        dueDate: { type: 'string', format: 'date' },
        currency: { enum: ['EUR', 'USD', 'GBP'] },
        items: list(object({ description: text, quantity: number, unitPrice: number })),
        total: { type: 'number', exclusiveMinimum: 0 },
        paid: { type: 'boolean' },
        notes: text,
      },
      ['notes'],
    ),
  ),
  prompt: `Extract the invoice:

Northwind Timber Ltd.
12 Mill Road, Bristol

Invoice No: NT-2041
Date: 12 March 2026
Due date: 11/04/2026
Bill to: Harbour Boats

12 x Oak plank 2 m at £18.50 each
3 x Wood glue, 1 l @ £7.20
Delivery: 1 x £25.00

Subtotal: £268.60
VAT (20%): £53.72
Total due: £322.32

Not yet paid.`,
};

const contacts: Sample = {
  label: 'A list of contacts',
  isList: true,
  schemaText: format(
    object({
      name: text,
      age: { type: 'integer', minimum: 0 },
      email: { type: 'string', format: 'email' },
      city: text,
    }),
  ),
  prompt: `Extract the contacts:

- Ada Byron; age: 36; email: ada@example.org; city: Bristol
- Jonas Meyer; age: 41; email: jonas@example.org; city: Hamburg
- Mei Tanaka; age: 29; email: mei@example.org; city: Osaka
- Rosa Almeida; age: 52; email: rosa@example.org; city: Porto
- Tomasz Nowak; age: 33; email: tomasz@example.org; city: Gdańsk
- Leïla Haddad; age: 47; email: leila@example.org; city: Tunis
- Sven Lindqvist; age: 38; email: sven@example.org; city: Malmö
- Inès Moreau; age: 25; email: ines@example.org; city: Lyon`,
};

const river: Sample = {
  label: 'A river, deeply nested',
  isList: false,
  schemaText: format(
    object({
      river: object({
        length: number,
        source: object({ place: text, spring: object({ water: object({ temperature: number, taste: text }) }) }),
        reaches: list(object({ name: text, warden: text, weirs: list(object({ name: text })) })),
      }),
    }),
  ),
  prompt: `Describe the river:

Length: 137 km
Place: Naseby
Temperature: 9 degrees
Taste: cold and clear

- Upper Avon; warden: Ada Byron; weirs: Mill Weir, Lock Weir and Old Weir
- Middle Avon; warden: Jonas Meyer; weirs: Abbey Weir and Swan Weir
- Lower Avon; warden: Rosa Almeida; weirs: Town Weir and Sea Lock`,
};

export const SAMPLES: readonly [Sample, ...Sample[]] = [recipe, invoice, contacts, river];
