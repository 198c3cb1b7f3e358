import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, it } from 'vitest';

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
}

it('docs/forms.md shows its example as it is', () => {
  expect(read('docs/forms.md')).toContain(`\n${read('docs/examples/forms/InvoiceForm.tsx')}\`\`\``);
});
