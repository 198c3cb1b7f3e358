/** For a prompt that names something without describing it (“a recipe for borscht”): a text to read instead. */
export function sampleFor(prompt: string, schema: string): string | undefined {
  if (prompt.length > 220 || /\n/.test(prompt.trim())) return undefined;
  // A prompt with figures describes something itself, unless they only say how many.
  const hasFigures = /\d/.test(
    prompt.replace(
      /\b(for|serves) \d+( people| persons)?|\b\d+ (servings|people|persons|ingredients|steps|items)/gi,
      '',
    ),
  );
  if (hasFigures) return undefined;
  const asks = `${prompt} ${schema}`;
  if (/ingredient/i.test(schema) && /\b(recipe|cook|bake|make|soup|cake|bread|borscht|pancakes?|dish)\b/i.test(prompt))
    return recipe(prompt);
  if (/invoice/i.test(asks) && /invoice/i.test(prompt) && /items|lines|positions/i.test(schema)) return INVOICE;
  return undefined;
}

function recipe(prompt: string): string {
  const found = RECIPES.find(([pattern]) => pattern.test(prompt))?.[1] ?? SOUP;
  const name =
    /\brecipe (?:for|of)\s+(?:an?\s+|the\s+|some\s+)?([^.,;:\n]{3,50}?)(?:\s+(?:for|serves)\s.*)?[.!]?$/i.exec(
      prompt.trim(),
    )?.[1];
  const servings = /\b(?:for|serves) (\d+)|\b(\d+) (?:servings|people|persons)/i.exec(prompt);
  const titled = name ? found.replace(/^.*/, name.charAt(0).toUpperCase() + name.slice(1)) : found;
  const count = servings?.[1] ?? servings?.[2];
  return count ? titled.replace(/Serves \d+/, `Serves ${count}`) : titled;
}

const PANCAKES = `Pancakes
Serves 4. Takes 30 minutes. Easy, vegetarian.

Ingredients:
- 200 g flour
- 2 eggs
- 300 ml milk
- 1 tbsp sugar
- 1 pinch salt
- 30 g butter

Method:
1. Whisk the flour, eggs, milk, sugar and salt until smooth.
2. Let the batter rest for 10 minutes.
3. Melt a little butter in a pan.
4. Fry each pancake until golden, about 2 minutes a side.
5. Serve at once, with whatever is sweet.`;

const BORSCHT = `Borscht
Serves 6. Takes 90 minutes. Medium.

Ingredients:
- 500 g beetroot
- 300 g cabbage
- 2 carrots
- 1 onion
- 3 potatoes
- 1.5 l beef stock
- 2 tbsp vinegar
- 200 g sour cream

Method:
1. Peel the beetroot and grate it.
2. Fry the onion and the carrots until soft.
3. Add the beetroot and the vinegar, and cook for 10 minutes.
4. Pour in the stock, add potatoes and cabbage, and simmer for 45 minutes.
5. Serve with sour cream.`;

const SOUP = `Vegetable soup
Serves 4. Takes 40 minutes. Easy, vegetarian.

Ingredients:
- 1 onion
- 2 carrots
- 3 potatoes
- 1 l vegetable stock
- 2 tbsp olive oil
- 1 tsp salt

Method:
1. Chop the onion, the carrots and the potatoes.
2. Fry the onion in the oil until soft.
3. Add the rest and the stock, and simmer for 25 minutes.
4. Season and serve.`;

const RECIPES: readonly (readonly [RegExp, string])[] = [
  [/pancake|crepe|crêpe|waffle/i, PANCAKES],
  [/borscht|borsch|beet/i, BORSCHT],
];

const INVOICE = `Lower Weir Paper Mill
Invoice INV-2026-0042
Date: 3 March 2026
Due: 2 April 2026
Bill to: Harbour Books

10 x Writing paper A4 at 4.50 EUR each
3 x Card, ivory at 12.00 EUR each
1 x Delivery at 9.90 EUR

Subtotal: 90.90 EUR
VAT 20%: 18.18 EUR
Total: 109.08 EUR`;
