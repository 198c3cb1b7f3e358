import { useBatch, useChat, useCompletion, useObject, useStream } from '@rivulet/react';
import { useObjectForm } from '@rivulet/react/react-hook-form';
import type { LLMClient } from '@rivulet/core';
import { act, render, screen, waitFor } from '@testing-library/react';
import * as React from 'react';
import type { ReactElement } from 'react';
import { useForm } from 'react-hook-form';
import { describe, expect, test, vi } from 'vitest';
import { z } from 'zod';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { scriptedClient } from '../support/scripted-client.ts';
import { macrotask } from '../support/turns.ts';

failOnConsoleErrors();

// React 18 has no Activity.
const Activity = 'Activity' in React ? React.Activity : undefined;

interface Props {
  readonly client: LLMClient;
  readonly keepAlive?: boolean;
  readonly onFinish?: () => void;
  readonly onReady: (start: () => void) => void;
}

const note = z.object({ text: z.string() });

function Completion({ onReady, ...options }: Props): ReactElement {
  const { complete, completion } = useCompletion(options);
  onReady(() => void complete('a'));
  return <output>{completion}</output>;
}

function Stream({ client, onReady, ...options }: Props): ReactElement {
  const { start, text } = useStream(options);
  onReady(() => void start((signal) => client.stream('a', { signal })));
  return <output>{text}</output>;
}

function ObjectText({ onReady, ...options }: Props): ReactElement {
  const { submit, text } = useObject({ schema: note, ...options });
  onReady(() => void submit('a'));
  return <output>{text}</output>;
}

function Batch({ onReady, ...options }: Props): ReactElement {
  const { run, results } = useBatch(options);
  onReady(() => void run(['a']));
  const [first] = results;
  return <output>{first?.status === 'fulfilled' && first.value.text}</output>;
}

function Chat({ onReady, ...options }: Props): ReactElement {
  const { sendMessage, messages } = useChat(options);
  onReady(() => void sendMessage('a'));
  return <output>{messages.at(-1)?.parts.map((part) => (part.type === 'text' ? part.text : ''))}</output>;
}

function Form({ onReady, ...options }: Props): ReactElement {
  const form = useForm({ defaultValues: { text: '' } });
  const { fill } = useObjectForm({ form, schema: note, ...options });
  onReady(() => void fill('a'));
  return (
    <>
      <input aria-label="Text" {...form.register('text')} />
      <output>{JSON.stringify(form.watch())}</output>
    </>
  );
}

describe.skipIf(!Activity).each([
  ['useCompletion', Completion],
  ['useStream', Stream],
  ['useObject', ObjectText],
  ['useBatch', Batch],
  ['useChat', Chat],
  ['useObjectForm', Form],
])('%s in a hidden Activity', (_name, Shown) => {
  function open(keepAlive: boolean | undefined) {
    const { client, calls } = scriptedClient();
    const onFinish = vi.fn<() => void>();
    let start = (): void => undefined;
    const page = (mode: 'visible' | 'hidden'): ReactElement => (
      <>
        {Activity && (
          <Activity mode={mode}>
            <Shown
              client={client}
              onFinish={onFinish}
              onReady={(ready) => (start = ready)}
              {...(keepAlive !== undefined && { keepAlive })}
            />
          </Activity>
        )}
      </>
    );
    const { rerender, unmount } = render(page('visible'));
    return {
      calls,
      onFinish,
      unmount,
      show: (mode: 'visible' | 'hidden') => rerender(page(mode)),
      async begin(): Promise<void> {
        act(() => start());
        await waitFor(() => expect(calls).toHaveLength(1));
        calls[0]!.text('{"text":"Har');
        await macrotask();
      },
    };
  }

  test('a run is stopped', async () => {
    const { begin, show, calls, onFinish } = open(undefined);
    await begin();
    show('hidden');
    await waitFor(() => expect(calls[0]!.signal.aborted).toBe(true));
    show('visible');
    expect(onFinish).not.toHaveBeenCalled();
  });

  test('with keepAlive a run goes on, and what came is shown later', async () => {
    const { begin, show, calls, onFinish } = open(true);
    await begin();
    show('hidden');
    await macrotask();
    await macrotask();
    calls[0]!.text('bour"}');
    calls[0]!.finish();
    await waitFor(() => expect(onFinish).toHaveBeenCalledOnce());
    show('visible');
    await waitFor(() => expect(screen.getByRole('status').textContent).toBe('{"text":"Harbour"}'));
    expect(calls[0]!.signal.aborted).toBe(false);
  });

  test('with keepAlive an unmount stops the run, hidden or not', async () => {
    const hidden = open(true);
    await hidden.begin();
    hidden.show('hidden');
    await macrotask();
    expect(hidden.calls[0]!.signal.aborted).toBe(false);
    hidden.unmount();
    await waitFor(() => expect(hidden.calls[0]!.signal.aborted).toBe(true));
    const visible = open(true);
    await visible.begin();
    visible.unmount();
    await waitFor(() => expect(visible.calls[0]!.signal.aborted).toBe(true));
  });
});
