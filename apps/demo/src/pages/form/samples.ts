export interface Sample {
  label: string;
  text: string;
  /** It only means something to the demo's own model. */
  isFault?: boolean;
}

const LETTER = `Northwind Timber Ltd.
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

Not yet paid.`;

export const SAMPLES: readonly [Sample, ...Sample[]] = [
  { label: 'A letter', text: LETTER },
  {
    label: 'A few sentences',
    text: 'Hi, this is an invoice from Blue Door Design to Mira Ltd, number 2026-17, dated 2026-02-01, due 2026-03-01. 12 hours of design work at 80 EUR, 2 licences at 45.50 EUR. Total 1,051.00 EUR.',
  },
  { label: 'A total that is wrong', text: LETTER.replace('£322.32', '£990.00') },
  { label: 'A connection that breaks', text: `${LETTER}\n\nCut the answer off`, isFault: true },
];
