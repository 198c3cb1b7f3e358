import { useBatch } from '@rivulet/react';
import type { ReactElement } from 'react';

export function Summaries({ texts }: { readonly texts: readonly string[] }): ReactElement {
  const { run, stop, retryFailed, results, progress, status } = useBatch({ concurrency: 5 });
  const isRunning = status === 'submitted' || status === 'streaming';
  return (
    <>
      <button onClick={() => (isRunning ? stop() : void run(texts.map((text) => `Summarise: ${text}`)))}>
        {isRunning ? 'Stop' : 'Summarise'}
      </button>
      {progress.failed + progress.unsent > 0 && !isRunning && (
        <button onClick={() => void retryFailed()}>Retry the failed ones</button>
      )}
      <progress aria-label="Progress" value={progress.done} max={texts.length} />
      <ol>
        {texts.map((text, index) => {
          const result = results[index];
          return <li key={text}>{result?.status === 'fulfilled' ? result.value.text : result ? 'Failed' : '…'}</li>;
        })}
      </ol>
    </>
  );
}
