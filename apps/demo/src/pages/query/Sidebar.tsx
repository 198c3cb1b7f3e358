import { useCompletionQuery, type CompletionQueryOptions } from '@rivulet/react/query';

/** The second place: what can be said of the text. It asks by itself, with the same key. */
export function Margin({ options }: { options: CompletionQueryOptions }) {
  const { data, partial, isFetching, status } = useCompletionQuery(options);
  const { text } = partial ?? data ?? { text: '' };
  const words = text.split(/\s+/).filter(Boolean).length;
  const state = isFetching
    ? 'coming'
    : status === 'success'
      ? 'in the cache'
      : status === 'error'
        ? 'failed'
        : 'not cached';
  return (
    <section className="query-margin" aria-labelledby="margin-heading" aria-busy={isFetching}>
      <h2 id="margin-heading">In the margin</h2>
      <dl>
        <div>
          <dt>Words</dt>
          <dd>{words}</dd>
        </div>
        <div>
          <dt>To read</dt>
          <dd>{Math.ceil(words / 230)} min</dd>
        </div>
        <div>
          <dt>The answer is</dt>
          <dd>{state}</dd>
        </div>
      </dl>
      <p className="query-last">{lastWords(text)}</p>
    </section>
  );
}

function lastWords(text: string): string {
  const words = text.trim().split(/\s+/);
  return words.length > 12 ? `… ${words.slice(-12).join(' ')}` : '';
}
