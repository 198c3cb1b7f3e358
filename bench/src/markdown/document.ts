const SECTION = (number: number): string => `## Part ${number} of the river

The **river** carries what it is given: *water*, leaves, a little \`light\`, and [now and then](https://river.example/${number}) a
whole tree. Where it bends, it takes from one bank and gives to the other, so that in the end it is somewhere else.

- slow water leaves **sand**
- fast water takes it, up to ${number} kg
- and a flood does both

\`\`\`ts
export function depth(width: number): number {
  // It is deeper where it is narrow.
  return ${number} / width;
}
\`\`\`

| place | width | depth |
| ----- | ----: | ----: |
| ford  | 40 m  | ${number} m   |
| gorge | 4 m   | 9 m   |

> A river is never twice the same, said somebody at part ${number}.

1. It rains.
2. It runs together.
3. It reaches the sea.

`;

export const LAST_WORDS = 'This is where the river ends.';

/** Markdown of about this length, of the kinds of blocks that answers have. */
export function markdownOf(length: number): string {
  let text = '';
  for (let number = 1; text.length < length; number += 1) text += SECTION(number);
  return `${text.slice(0, text.lastIndexOf('\n\n', length - 100))}\n\n${LAST_WORDS}`;
}
