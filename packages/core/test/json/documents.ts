import { array, boolean, constant, constantFrom, double, integer, letrec, oneof, string, tuple } from 'fast-check';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Any UTF-16, halves of surrogate pairs included. */
const anyText = oneof(
  string({ maxLength: 8 }),
  string({ unit: 'binary', maxLength: 6 }),
  array(constantFrom('\ud83d', '\ude00', '\\', '"', '\n', '\0', '\u2028', '/', 'a'), { maxLength: 8 }).map((units) =>
    units.join(''),
  ),
);
export const key = oneof(
  constantFrom('__proto__', 'constructor', 'toString', 'length', '', '0', '12', 'a.b', 'a'),
  anyText,
);
const scalar = oneof(anyText, double({ noNaN: true, noDefaultInfinity: true }), integer(), boolean(), constant(null));
export const { value: anyValue } = letrec<{ value: Json }>((tie) => ({
  value: oneof(
    { maxDepth: 4 },
    scalar,
    array(tie('value'), { maxLength: 4 }),
    array(tuple(key, tie('value')), { maxLength: 4 }).map((entries) => Object.fromEntries(entries)),
  ),
}));

/** A value as any writer may put it: with white space or without, its characters bare or escaped. */
export const document = tuple(
  anyValue,
  constantFrom('', ' ', '\t', '\r\n'),
  constantFrom('bare', 'as needed', 'escaped'),
).map(([value, indent, style]) => {
  const text = JSON.stringify(value, null, indent);
  if (style === 'bare') return text.replace(/\\u(d[89a-f]..)/g, (_, code) => String.fromCharCode(parseInt(code, 16)));
  if (style === 'as needed') return text;
  return text.replace(/[^\0-~]/g, (unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`);
});
