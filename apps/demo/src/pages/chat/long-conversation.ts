import type { MessageInput } from '@rivulet/core';

const COUNT = 1000;
const TOPICS = ['weirs', 'tides', 'springs', 'deltas', 'locks', 'ferries', 'mills', 'fords'];

/** A conversation that nobody had, to see how the page bears one of a thousand messages. */
export function longConversation(): MessageInput[] {
  return Array.from({ length: COUNT }, (_, index): MessageInput => {
    const turn = Math.floor(index / 2) + 1;
    const topic = TOPICS[turn % TOPICS.length] ?? '';
    if (index % 2 === 0) return { role: 'user', content: `Question ${turn}: what should I know about ${topic}?` };
    return { role: 'assistant', content: answer(turn, topic) };
  });
}

function answer(turn: number, topic: string): string {
  const lines = [`Answer ${turn}. Three things about **${topic}**:`, '', '1. They move *slowly*, and never stop.'];
  lines.push(
    '2. They are older than any map of them.',
    `3. There is more to say: see [page ${turn}](https://example.org/).`,
  );
  if (turn % 5 === 0) lines.push('', '```ts', `const ${topic} = await survey(${turn});`, '```');
  if (turn % 9 === 0) lines.push('', '| place | depth |', '|---|---|', `| upper ${topic} | ${turn % 7} m |`);
  return lines.join('\n');
}
