import { LLMClient, type StreamEvent } from '@rivulet/core';
import { scripted, type ScriptedProvider } from '@rivulet/core/scripted';
import { LLMClientProvider } from '@rivulet/react';
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { StrictMode, type ReactElement } from 'react';
import { expect, onTestFinished, test, vi } from 'vitest';
import { Chapters } from '../docs/examples/query/Chapters.tsx';
import { Recipe } from '../docs/examples/query/Recipe.tsx';
import { Rewrite } from '../docs/examples/query/Rewrite.tsx';
import { Summary } from '../docs/examples/query/Summary.tsx';
import { SuspendedSummary } from '../docs/examples/query/SuspendedSummary.tsx';

/** A model that says how often it was asked, or these two halves; the second once it is let. */
function slowModel(first?: string, second = ' whole.'): { provider: ScriptedProvider; goOn: () => void } {
  let goOn = (): void => undefined;
  const held = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const provider: ScriptedProvider = scripted(async function* reply(): AsyncGenerator<string | StreamEvent> {
    yield first ?? `Answer ${provider.requests.length},`;
    await held;
    yield second;
  });
  return { provider, goOn };
}

function show(page: ReactElement, provider: ScriptedProvider): void {
  const queryClient = new QueryClient();
  onTestFinished(() => queryClient.clear());
  render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <LLMClientProvider client={new LLMClient({ provider })}>{page}</LLMClientProvider>
      </QueryClientProvider>
    </StrictMode>,
  );
}

test('the example of a query shows what comes, stops, and makes another one', async () => {
  const { provider, goOn } = slowModel();
  show(<Summary text="Rivers" />, provider);
  await screen.findByText('Answer 1,');
  await userEvent.click(screen.getByText('Stop'));
  await screen.findByText('Another one');
  expect(screen.getByText('Answer 1,')).toBeTruthy();

  await userEvent.click(screen.getByText('Another one'));
  await screen.findByText('Answer 2,');
  goOn();
  await screen.findByText('Answer 2, whole.');
  expect(provider.requests).toHaveLength(2);
});

test('the example of a query tells what went wrong', async () => {
  show(<Summary text="Rivers" />, scripted({ text: 'So far', error: new Error('No more') }));
  expect((await screen.findByRole('alert')).textContent).toContain('No more');
  expect(screen.getByText('So far')).toBeTruthy();
});

test('the example of prefetching asks when it is pointed at, once', async () => {
  const { provider, goOn } = slowModel();
  show(<Chapters texts={['Rivers', 'Deltas']} />, provider);
  await userEvent.hover(screen.getByText('Deltas'));
  await waitFor(() => expect(provider.requests).toHaveLength(1));
  goOn();
  await userEvent.click(screen.getByText('Deltas'));
  await screen.findByText('Answer 1, whole.');
  expect(provider.requests).toHaveLength(1);
});

test('the example of Suspense shows what comes in the meantime', async () => {
  const { provider, goOn } = slowModel();
  show(<SuspendedSummary client={new LLMClient({ provider })} text="Rivers" />, provider);
  await screen.findByText('Answer 1,');
  goOn();
  await screen.findByText('Answer 1, whole.');
  expect(provider.requests).toHaveLength(1);
});

test('the example of a mutation hands its answer on, or nothing when it is stopped', async () => {
  const { provider, goOn } = slowModel();
  const onText = vi.fn<(text: string) => void>();
  show(<Rewrite text="Rivers" onText={onText} />, provider);
  await userEvent.click(screen.getByText('Rewrite'));
  await screen.findByText('Answer 1,');
  await userEvent.click(screen.getByText('Stop'));
  await screen.findByText('Rewrite');
  expect(onText).not.toHaveBeenCalled();

  goOn();
  await userEvent.click(screen.getByText('Rewrite'));
  await waitFor(() => expect(onText).toHaveBeenCalledWith('Answer 2, whole.'));
});

test('the example of an object shows it while it is written', async () => {
  const { provider, goOn } = slowModel('{"title":"Borscht","steps":["Chop', ' beets"]}');
  show(<Recipe client={new LLMClient({ provider })} dish="borscht" />, provider);
  await screen.findByText('Chop');
  expect(screen.getByRole('article').getAttribute('aria-busy')).toBe('true');
  goOn();
  await screen.findByText('Chop beets');
  expect(screen.getByRole('heading').textContent).toBe('Borscht');
  await waitFor(() => expect(screen.getByRole('article').getAttribute('aria-busy')).toBe('false'));
});
