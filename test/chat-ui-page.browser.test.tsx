import { LLMClient, LLMError } from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import { LLMClientProvider } from '@rivulet/react';
import { render, screen, waitFor } from '@testing-library/react';
import { expect, test } from 'vitest';
import { userEvent } from 'vitest/browser';
import { Answer } from '../docs/examples/Answer.tsx';
import { Thread } from '../docs/examples/Thread.tsx';

test('the example of Markdown shows code with a button once it is complete', () => {
  const text =
    '# Rivers\n\n```ts\nlet a;\n```\n\n![ours](https://images.example/a.png) ![other](https://b.example/c.png)';
  const { container, rerender } = render(<Answer text={text.slice(0, 22)} isStreaming />);
  expect(screen.getByRole('heading', { level: 3 }).textContent).toBe('Rivers');
  expect(screen.queryByRole('button')).toBeNull();
  rerender(<Answer text={text} isStreaming={false} />);
  expect(screen.getByRole('button', { name: 'Copy' })).toBeTruthy();
  expect(screen.getByRole('figure').textContent).toContain('let a;');
  expect(Array.from(container.querySelectorAll('img'), ({ alt }) => alt)).toEqual(['ours']);
});

test('the example of a thread sends, announces, and stops on Escape', async () => {
  const client = new LLMClient({ provider: scripted('Rivers meander. '.repeat(400), { tokensPerSecond: 100 }) });
  render(
    <LLMClientProvider client={client}>
      <Thread />
    </LLMClientProvider>,
  );
  screen.getByRole('textbox').focus();
  await userEvent.keyboard('Why?{Enter}');
  await screen.findByText('Generating an answer.');
  await waitFor(() => expect(screen.getByRole('article').textContent).toContain('Rivers'));
  await userEvent.keyboard('{Escape}');
  await screen.findByText('Stopped.');
  expect(screen.getByRole('button', { name: 'Send' })).toBeTruthy();
});

test('the example of a thread shows a failure, and tells of it once', async () => {
  const provider = scripted({ error: new LLMError('the wire broke', { code: 'network' }) });
  render(
    <LLMClientProvider client={new LLMClient({ provider, retry: false })}>
      <Thread />
    </LLMClientProvider>,
  );
  screen.getByRole('textbox').focus();
  await userEvent.keyboard('Why?{Enter}');
  const told = await screen.findByText('The answer failed.');
  const shown = screen.getByText(/^The connection failed\./);
  const region = '[role="alert"], [role="status"], [role="log"], [aria-live]';
  expect(told.closest(region)).not.toBeNull();
  expect(shown.closest(region)).toBeNull();
});
