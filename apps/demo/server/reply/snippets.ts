/** Code that the demo model knows by heart. */
export interface Snippet {
  title: string;
  language: string;
  mentions: RegExp;
  code: string;
  notes: readonly string[];
}

export const snippets: readonly Snippet[] = [
  {
    title: 'Debounce, with a way to cancel',
    language: 'ts',
    mentions: /\bdebounc/i,
    code: `export interface Debounced<Args extends unknown[]> {
  (...args: Args): void;
  cancel(): void;
}

/** Calls \`fn\` once no call came for \`delayMs\` milliseconds, with the last arguments. */
export function debounce<Args extends unknown[]>(
  fn: (...args: Args) => void,
  delayMs: number,
): Debounced<Args> {
  let timer: ReturnType<typeof setTimeout> | undefined;

  const debounced = (...args: Args): void => {
    clearTimeout(timer);
    timer = setTimeout(() => fn(...args), delayMs);
  };
  return Object.assign(debounced, { cancel: () => clearTimeout(timer) });
}`,
    notes: [
      'The type parameter keeps the arguments of `fn`: a wrong call is an error while you type.',
      '`cancel` belongs to it: a component that goes away must not be called back.',
      'Not for streamed text. While tokens keep coming a debounce never fires; there you want at most one update a frame.',
    ],
  },
  {
    title: 'A component that streams an answer',
    language: 'tsx',
    mentions: /\b(react|hook|component|rivulet|usecompletion)\b/i,
    code: `import { useCompletion } from '@rivulet/react';

export function Ask() {
  const { completion, input, handleInputChange, handleSubmit, stop, isLoading, error } = useCompletion();

  return (
    <form onSubmit={handleSubmit}>
      <label htmlFor="prompt">Prompt</label>
      <textarea id="prompt" value={input} onChange={handleInputChange} />
      <button>Send</button>
      {isLoading && <button type="button" onClick={stop}>Stop</button>}
      <p aria-busy={isLoading}>{completion}</p>
      {error && <p role="alert">{error.message}</p>}
    </form>
  );
}`,
    notes: [
      'Put an `LLMClientProvider` above it; the hook takes the client from there.',
      'Stopping keeps the text that has come.',
      '`completion` grows at most once a frame, so the component renders no more often than the screen does.',
    ],
  },
  {
    title: 'Reading a stream of lines',
    language: 'ts',
    mentions: /\b(stream|ndjson|lines?|fetch)\b/i,
    code: `/** Yields the lines of a response as they come, whatever the chunks look like. */
export async function* readLines(response: Response): AsyncGenerator<string> {
  if (!response.body) return;
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader();
  let rest = '';
  try {
    for (;;) {
      const { done, value } = await reader.read();
      if (done) break;
      const lines = (rest + value).split('\\n');
      rest = lines.pop() ?? '';
      yield* lines;
    }
    if (rest) yield rest;
  } finally {
    // Leaving the loop early closes the connection.
    await reader.cancel();
  }
}`,
    notes: [
      '`TextDecoderStream` holds back the bytes of a character that was cut in two.',
      'The last, unfinished line is carried over to the next chunk.',
      'A final line without a line break still counts.',
    ],
  },
  {
    title: 'Grouping items by a key',
    language: 'ts',
    mentions: /\bgroup/i,
    code: `/** Groups items by a key, in the order in which the keys first appear. */
export function groupBy<T, K>(items: Iterable<T>, keyOf: (item: T) => K): Map<K, T[]> {
  const groups = new Map<K, T[]>();
  for (const item of items) {
    const key = keyOf(item);
    const group = groups.get(key);
    if (group) group.push(item);
    else groups.set(key, [item]);
  }
  return groups;
}`,
    notes: [
      'A `Map` takes any key, keeps the order, and is safe with a key called `__proto__`.',
      'One pass; each group is created once.',
      'Where it is supported, `Map.groupBy` does the same.',
    ],
  },
  {
    title: 'Binary search',
    language: 'ts',
    mentions: /\bbinary search/i,
    code: `/** The first index whose item is not less than \`target\`; \`items.length\` if there is none. */
export function lowerBound(items: readonly number[], target: number): number {
  let low = 0;
  let high = items.length;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if ((items[middle] as number) < target) low = middle + 1;
    else high = middle;
  }
  return low;
}`,
    notes: [
      'The half-open range `[low, high)` gets smaller in every round, so the loop ends.',
      'Returning the place to insert is more useful than returning -1.',
      '20 comparisons are enough for a million items.',
    ],
  },
  {
    title: 'Retry with full jitter',
    language: 'ts',
    mentions: /\b(retry|retries|back-?off)\b/i,
    code: `/** Tries up to \`attempts\` times and waits a random time in between, longer each time. */
export async function retry<T>(fn: () => Promise<T>, attempts = 3, baseMs = 500): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    try {
      return await fn();
    } catch (error) {
      if (attempt >= attempts) throw error;
      const waitMs = Math.random() * baseMs * 2 ** attempt;
      await new Promise((resolve) => setTimeout(resolve, waitMs));
    }
  }
}`,
    notes: [
      'The random wait matters: without it, all clients that failed together come back together.',
      'If the server says when to come back (`Retry-After`), obey that instead.',
      'Retry only what may succeed the next time: a wrong key will not.',
    ],
  },
  {
    title: 'Fibonacci numbers, without end',
    language: 'python',
    mentions: /\bfibonacci\b/i,
    code: `from collections.abc import Iterator
from itertools import islice


def fibonacci() -> Iterator[int]:
    """Yield 0, 1, 1, 2, 3, 5 and so on, one at a time."""
    a, b = 0, 1
    while True:
        yield a
        a, b = b, a + b


print(list(islice(fibonacci(), 12)))  # [0, 1, 1, 2, 3, 5, 8, 13, 21, 34, 55, 89]`,
    notes: [
      'The generator never ends; the caller decides how many to take.',
      'Integers in Python do not overflow, so the thousandth is as exact as the first.',
    ],
  },
  {
    title: 'Counting words',
    language: 'python',
    mentions: /\b(word count|count(s|ing)? words|most common words|frequency)\b/i,
    code: `import re
import sys
from collections import Counter

words = Counter(
    word.lower()
    for line in sys.stdin
    for word in re.findall(r"[^\\W\\d_]+", line)
)

for word, count in words.most_common(10):
    print(f"{count:6}  {word}")`,
    notes: [
      'Reads line by line, so a large file is no problem.',
      'The pattern takes letters of every script, not only of English.',
    ],
  },
  {
    title: 'The latest order of each customer',
    language: 'sql',
    mentions: /\b(sql|query)\b/i,
    code: `SELECT customer_id, order_id, placed_at, total
FROM (
  SELECT
    o.*,
    ROW_NUMBER() OVER (
      PARTITION BY customer_id
      ORDER BY placed_at DESC, order_id DESC
    ) AS newest
  FROM orders AS o
) AS ranked
WHERE newest = 1
ORDER BY placed_at DESC;`,
    notes: [
      'The second sort key makes the result the same every time, even if two orders share a moment.',
      'An index on `(customer_id, placed_at DESC)` spares the sort.',
    ],
  },
  {
    title: 'Centred, and never wider than it should be',
    language: 'css',
    mentions: /\bcss\b/i,
    code: `.page {
  display: grid;
  grid-template-columns: minmax(1rem, 1fr) minmax(0, 68ch) minmax(1rem, 1fr);
}

.page > * {
  grid-column: 2;
}

.page > .wide {
  grid-column: 1 / -1;
}`,
    notes: [
      'The outer columns take what is left, at least a rem each.',
      '`minmax(0, …)` lets long words and tables shrink instead of pushing the page wider.',
    ],
  },
];
