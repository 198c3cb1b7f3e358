import { useCompletion } from '@rivulet/react';
import type { ReactElement } from 'react';

export function Ask(): ReactElement {
  const { completion, input, handleInputChange, handleSubmit, isLoading, stop, error } = useCompletion();
  return (
    <form onSubmit={isLoading ? undefined : handleSubmit}>
      <input aria-label="Question" value={input} onChange={handleInputChange} />
      <button type={isLoading ? 'button' : 'submit'} onClick={isLoading ? stop : undefined}>
        {isLoading ? 'Stop' : 'Ask'}
      </button>
      <p aria-busy={isLoading}>{completion}</p>
      {error && <p role="alert">{error.message}</p>}
    </form>
  );
}
