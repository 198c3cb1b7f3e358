import { useCompletion } from '@rivulet/react';
import type { FormEvent, ReactElement } from 'react';

export function Ask(): ReactElement {
  const { completion, input, handleInputChange, handleSubmit, isLoading, stop, error } = useCompletion();
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (isLoading) stop();
    else handleSubmit(event);
  }
  return (
    <form onSubmit={submit}>
      <input aria-label="Question" value={input} onChange={handleInputChange} />
      <button>{isLoading ? 'Stop' : 'Ask'}</button>
      <p aria-busy={isLoading}>{completion}</p>
      {error && <p role="alert">{error.message}</p>}
    </form>
  );
}
