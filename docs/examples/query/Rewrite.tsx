import type { Run } from '@rivulet/core';
import { useLLMClient, useStore } from '@rivulet/react';
import { completionMutationOptions } from '@rivulet/react/query';
import { useMutation } from '@tanstack/react-query';
import { useState, type ReactElement } from 'react';

export function Rewrite({ text, onText }: { readonly text: string; onText(text: string): void }): ReactElement {
  const client = useLLMClient();
  const [run, setRun] = useState<Run>();
  const soFar = useStore(run);
  const { mutate, isPending } = useMutation({
    ...completionMutationOptions(client, { onRun: setRun }),
    onSuccess: (completion) => onText(completion.text),
  });
  return isPending ? (
    <p>
      {soFar?.text} <button onClick={() => run?.abort()}>Stop</button>
    </p>
  ) : (
    <button onClick={() => mutate(`Rewrite more simply: ${text}`)}>Rewrite</button>
  );
}
