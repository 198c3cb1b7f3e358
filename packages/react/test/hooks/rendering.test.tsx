import { LLMClientProvider, useCompletion, useLLMClient } from '@rivulet/react';
import { render, screen, waitFor } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { Profiler, type ReactElement } from 'react';
import { expect, onTestFinished, test, vi } from 'vitest';
import type { Chunk } from '../../../../test/support/http-server.ts';
import { clientOf, END, serve, text } from '../support/chat-completions.ts';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { scriptedClient } from '../support/scripted-client.ts';

failOnConsoleErrors();

function Page(): ReactElement {
  const { completion, complete, status } = useCompletion();
  return (
    <button data-status={status} onClick={() => void complete('hi')}>
      {completion}
    </button>
  );
}

/** Counts the frames that the page paints, until the test ends. */
function countFrames(): { readonly count: number } {
  const frames = { count: 0 };
  let request = requestAnimationFrame(function count() {
    frames.count++;
    request = requestAnimationFrame(count);
  });
  onTestFinished(() => cancelAnimationFrame(request));
  return frames;
}

test('2,000 tokens commit at most once a frame', async () => {
  const words = Array.from({ length: 2000 }, (_, index) => `word${index} `);
  const chunks: Chunk[] = [];
  for (let start = 0; start < words.length; start += 5) {
    chunks.push({
      text: words
        .slice(start, start + 5)
        .map(text)
        .join(''),
      delayMs: 1,
    });
  }
  const url = await serve({ chunks: [...chunks, { text: END }] });
  const onCommit = vi.fn<() => void>();
  render(
    <LLMClientProvider client={clientOf(url)}>
      <Profiler id="page" onRender={onCommit}>
        <Page />
      </Profiler>
    </LLMClientProvider>,
  );
  const button = screen.getByRole('button');
  onCommit.mockClear();
  const frames = countFrames();
  await userEvent.click(button);
  await waitFor(() => expect(button).toMatchObject({ textContent: words.join(''), dataset: { status: 'ready' } }), {
    timeout: 10_000,
  });
  // Besides the frames: as submitted, with the first content, and at the end.
  expect(onCommit.mock.calls.length).toBeLessThanOrEqual(frames.count + 3);
  expect(onCommit.mock.calls.length).toBeGreaterThan(5);
});

test('a burst of 2,000 tokens commits a few times', async () => {
  const { client, calls } = scriptedClient();
  const onCommit = vi.fn<() => void>();
  render(
    <LLMClientProvider client={client}>
      <Profiler id="page" onRender={onCommit}>
        <Page />
      </Profiler>
    </LLMClientProvider>,
  );
  onCommit.mockClear();
  await userEvent.click(screen.getByRole('button'));
  calls[0]!.text(...Array.from({ length: 2000 }, () => 'x'));
  calls[0]!.finish();
  await waitFor(() => expect(screen.getByRole('button').dataset['status']).toBe('ready'));
  expect(screen.getByRole('button').textContent).toHaveLength(2000);
  // As submitted, with the first content, at the end, and for each frame that the page gets in between.
  expect(onCommit.mock.calls.length).toBeLessThan(20);
});

test('tokens render nothing but the component that shows them', async () => {
  const { client, calls } = scriptedClient();
  const onRender = vi.fn<() => void>();
  function Neighbour(): ReactElement {
    onRender();
    return <p>{useLLMClient() === client && 'same client'}</p>;
  }
  render(
    <LLMClientProvider client={client}>
      <Page />
      <Neighbour />
    </LLMClientProvider>,
  );
  onRender.mockClear();
  await userEvent.click(screen.getByRole('button'));
  for (const token of ['One ', 'two ', 'three']) {
    calls[0]!.text(token);
    await waitFor(() => expect(screen.getByRole('button').textContent).toContain(token));
  }
  calls[0]!.finish();
  await waitFor(() => expect(screen.getByRole('button').dataset['status']).toBe('ready'));
  expect(onRender).not.toHaveBeenCalled();
});
