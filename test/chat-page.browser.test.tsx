import { LLMClient } from '@rivulet/core';
import { createChat } from '@rivulet/core/chat';
import { scripted } from '@rivulet/core/scripted';
import { LLMClientProvider } from '@rivulet/react';
import { render, screen, waitFor } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, test } from 'vitest';
import { Chat } from '../docs/examples/chat/Chat.tsx';
import { LongChat } from '../docs/examples/chat/LongChat.tsx';
import { MarkdownChat } from '../docs/examples/chat/MarkdownChat.tsx';

test("the page's chat shows tools, asks before one that has effects, and answers once more", async () => {
  const provider = scripted(({ messages }) => {
    const last = messages.at(-1);
    if (last?.role === 'user') {
      return {
        toolCalls: [
          { name: 'clock', input: { zone: 'UTC' } },
          { name: 'send', input: { to: 'Ann', text: 'Noon' } },
        ],
      };
    }
    return 'Not sent.';
  });
  render(
    <LLMClientProvider client={new LLMClient({ provider })}>
      <Chat />
    </LLMClientProvider>,
  );
  await userEvent.type(screen.getByLabelText('Message'), 'Send Ann the time');
  await userEvent.click(screen.getByRole('button', { name: 'Send' }));

  expect(await screen.findByText(/Send “Noon” to Ann\?/)).toBeTruthy();
  expect(await screen.findByText(/^clock: \d/)).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: 'No' }));
  expect(await screen.findByText('Not sent.')).toBeTruthy();
  expect(screen.getByText('send: output-denied')).toBeTruthy();
  await userEvent.click(screen.getByRole('button', { name: 'Another answer' }));
  expect(await screen.findByText(/Send “Noon” to Ann\?/)).toBeTruthy();
  expect(screen.queryByText('Not sent.')).toBeNull();
});

test("the page's list of ids shows the messages", async () => {
  const chat = createChat({ client: new LLMClient({ provider: scripted('Hello') }) });
  render(<LongChat chat={chat} />);
  await chat.sendMessage('Hi');
  expect(await screen.findByText('Hello')).toBeTruthy();
  expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual(['Hi', 'Hello']);
});

test("the page's chat with Markdown shows no half of a mark while it comes, and all of it in the end", async () => {
  let goOn = (): void => undefined;
  const waiting = new Promise<void>((resolve) => {
    goOn = resolve;
  });
  const provider = scripted(async function* () {
    yield '# Rivers\n\nThey **mean';
    await waiting;
    yield 'der**, ~~always~~ often.';
  });
  render(
    <LLMClientProvider client={new LLMClient({ provider })}>
      <MarkdownChat />
    </LLMClientProvider>,
  );
  await userEvent.click(screen.getByRole('button', { name: 'Ask' }));
  expect((await screen.findByText('mean')).localName).toBe('strong');
  expect(screen.getByRole('heading', { level: 3 }).textContent).toBe('Rivers');
  goOn();
  await waitFor(() => expect(screen.getByText('meander').localName).toBe('strong'));
  expect(screen.getByText('always').localName).toBe('del');
  expect(screen.getByRole('article', { name: 'You' }).textContent).toBe('Why do rivers meander?');
});
