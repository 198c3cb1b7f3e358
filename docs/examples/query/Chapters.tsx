import { useLLMClient } from '@rivulet/react';
import { completionQueryOptions } from '@rivulet/react/query';
import { useQueryClient } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';
import { Summary } from './Summary.tsx';

export function Chapters({ texts }: { readonly texts: readonly string[] }): ReactElement {
  const client = useLLMClient();
  const queryClient = useQueryClient();
  const [open, setOpen] = useState<string>();
  function prefetch(text: string): void {
    void queryClient.prefetchQuery(completionQueryOptions(client, `Summarise in one sentence: ${text}`));
  }
  return (
    <ul>
      {texts.map((text) => (
        <li key={text}>
          <button onPointerEnter={() => prefetch(text)} onFocus={() => prefetch(text)} onClick={() => setOpen(text)}>
            {text.slice(0, 20)}
          </button>
          {open === text && <Summary text={text} />}
        </li>
      ))}
    </ul>
  );
}
