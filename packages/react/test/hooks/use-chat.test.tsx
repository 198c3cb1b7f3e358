import { LLMClient, type LLMError, type StandardSchema } from '@rivulet/core';
import { createChat, memoryChats, persistChat, tool, type ChatMessage } from '@rivulet/core/chat';
import { uiMessageStream } from '@rivulet/core/ui-message-stream';
import {
  LLMClientProvider,
  useChat,
  useMessage,
  useStore,
  useToolInput,
  type UseChatOptions,
  type UseChatResult,
} from '@rivulet/react';
import { act, render, renderHook, screen, waitFor, type RenderHookResult } from '@testing-library/react';
import { userEvent } from '@testing-library/user-event';
import { memo, Profiler, StrictMode, type ReactElement } from 'react';
import { hydrateRoot } from 'react-dom/client';
import { renderToString } from 'react-dom/server';
import { expect, test, vi } from 'vitest';
import { commands } from 'vitest/browser';
import { clientOf, END, says, serve, text } from '../support/chat-completions.ts';
import { failOnConsoleErrors } from '../support/react-warnings.ts';
import { scriptedClient } from '../support/scripted-client.ts';
import { macrotask } from '../support/turns.ts';

failOnConsoleErrors();

function renderChat(initialProps: UseChatOptions): RenderHookResult<UseChatResult, UseChatOptions> {
  return renderHook((options: UseChatOptions) => useChat(options), { initialProps });
}

function textOf(message: ChatMessage): string {
  return message.parts.map((part) => (part.type === 'text' ? part.text : `[${part.type}]`)).join('');
}

const textsOf = ({ messages }: { readonly messages: readonly ChatMessage[] }): string[] => messages.map(textOf);

test('shows a conversation while it comes', async () => {
  const url = await serve([
    { chunks: [{ text: text('Hello, ') }, { text: text('Ann') + END, delayMs: 20 }] },
    { chunks: [{ text: says('Bye') }] },
  ]);
  const statuses: string[] = [];
  function Page(): ReactElement {
    const { messages, sendMessage, status } = useChat();
    if (statuses.at(-1) !== status) statuses.push(status);
    return (
      <>
        <button onClick={() => void sendMessage({ text: 'Say' })}>Send</button>
        <ol>
          {messages.map((message) => (
            <li key={message.id}>{textOf(message)}</li>
          ))}
        </ol>
      </>
    );
  }
  render(
    <LLMClientProvider client={clientOf(url)}>
      <Page />
    </LLMClientProvider>,
  );
  await userEvent.click(screen.getByRole('button'));
  await waitFor(() => expect(screen.getByRole('list').textContent).toBe('SayHello, Ann'));
  await waitFor(() => expect(statuses).toEqual(['ready', 'submitted', 'streaming', 'ready']));
  await userEvent.click(screen.getByRole('button'));
  await waitFor(() => expect(screen.getByRole('list').textContent).toBe('SayHello, AnnSayBye'));
});

test('a message shows in the commit of the event that sends it', async () => {
  const { client } = scriptedClient();
  const commits: string[] = [];
  function Page(): ReactElement {
    const { messages, sendMessage, status } = useChat({ client });
    return (
      <Profiler id="page" onRender={() => commits.push(`${messages.length} ${status}`)}>
        <button onClick={() => void sendMessage('hello')}>Send {messages.length}</button>
      </Profiler>
    );
  }
  render(<Page />);
  await userEvent.click(screen.getByRole('button'));
  expect(commits).toEqual(['0 ready', '1 submitted']);
});

test('a delta in a chat of 1,000 settled messages renders one message', async () => {
  const { client, calls } = scriptedClient();
  const settled = Array.from({ length: 1000 }, (_, index) => ({
    id: `m${index}`,
    role: index % 2 ? ('assistant' as const) : ('user' as const),
    parts: [{ type: 'text' as const, text: `Message ${index}` }],
  }));
  const onRender = vi.fn<(id: string) => void>();
  const Row = memo(function Row({ message }: { readonly message: ChatMessage }): ReactElement {
    onRender(message.id);
    return <li>{textOf(message)}</li>;
  });
  function Page(): ReactElement {
    const { messages, sendMessage, status } = useChat({ client, messages: settled });
    return (
      <>
        <button data-status={status} onClick={() => void sendMessage('hello')}>
          Send
        </button>
        <ol>
          {messages.map((message) => (
            <Row key={message.id} message={message} />
          ))}
        </ol>
      </>
    );
  }
  render(<Page />);
  expect(onRender).toHaveBeenCalledTimes(1000);
  const list = screen.getByRole('list');
  await act(async () => screen.getByRole('button').click());
  onRender.mockClear();
  for (const [index, token] of ['One ', 'two ', 'three'].entries()) {
    act(() => calls[0]!.text(token));
    await waitFor(() => expect(list.lastChild?.textContent).toContain(token));
    expect(onRender.mock.calls.length).toBeLessThanOrEqual(index + 1);
  }
  act(() => calls[0]!.finish());
  await waitFor(() => expect(screen.getByRole('button').dataset['status']).toBe('ready'));
  expect(new Set(onRender.mock.calls.map(([id]) => id)).size).toBe(1);
});

test('useMessage renders with its message alone', async () => {
  const { client, calls } = scriptedClient();
  const chat = createChat({ client, messages: [{ id: 'a', role: 'user', content: 'Settled' }] });
  const rendered: string[] = [];
  function Row({ id }: { readonly id: string }): ReactElement {
    const message = useMessage(chat, id);
    rendered.push(id);
    return <li>{message ? textOf(message) : 'none'}</li>;
  }
  void chat.sendMessage('Question');
  await waitFor(() => expect(calls).toHaveLength(1));
  calls[0]!.text('An');
  await waitFor(() => expect(chat.getSnapshot().messages).toHaveLength(3));
  const { id } = chat.getSnapshot().messages[2]!;
  render(
    <ol>
      <Row id="a" />
      <Row id={id} />
      <Row id="nowhere" />
    </ol>,
  );
  rendered.length = 0;
  act(() => calls[0]!.text('swer'));
  await waitFor(() => expect(screen.getByRole('list').textContent).toBe('SettledAnswernone'));
  act(() => calls[0]!.finish());
  await waitFor(() => expect(chat.getSnapshot().status).toBe('ready'));
  expect(new Set(rendered)).toEqual(new Set([id]));
});

test('a list of messageIds renders with none of its messages', async () => {
  const { client, calls } = scriptedClient();
  const chat = createChat({ client });
  const rendered: string[] = [];
  const Row = memo(function Row({ id }: { readonly id: string }): ReactElement {
    const message = useMessage(chat, id);
    rendered.push('row');
    return <li>{message && textOf(message)}</li>;
  });
  function List(): ReactElement {
    rendered.push('list');
    return (
      <ol>
        {useStore(chat.messageIds).map((id) => (
          <Row key={id} id={id} />
        ))}
      </ol>
    );
  }
  render(<List />);
  act(() => void chat.sendMessage('Question'));
  await waitFor(() => expect(calls).toHaveLength(1));
  act(() => calls[0]!.text('An'));
  await waitFor(() => expect(screen.getByRole('list').textContent).toBe('QuestionAn'));
  rendered.length = 0;
  act(() => calls[0]!.text('swer'));
  await waitFor(() => expect(screen.getByRole('list').textContent).toBe('QuestionAnswer'));
  expect(rendered).toEqual(['row']);
  act(() => calls[0]!.finish());
  await waitFor(() => expect(chat.getSnapshot().status).toBe('ready'));
});

test('a chat that the hook made ends a macrotask after the unmount, and keeps what came', async () => {
  const { client, calls } = scriptedClient();
  const { result, unmount } = renderChat({ client });
  act(() => void result.current.sendMessage('hello'));
  await waitFor(() => expect(calls).toHaveLength(1));
  const { chat } = result.current;
  unmount();
  expect(calls[0]!.signal.aborted).toBe(false);
  await macrotask();
  await macrotask();
  expect(calls[0]!.signal.aborted).toBe(true);
  expect(chat.getSnapshot().status).toBe('ready');
});

test('a chat that was made outside goes on after the unmount', async () => {
  const { client, calls } = scriptedClient();
  const chat = createChat({ client });
  const { result, unmount } = renderChat({ chat });
  act(() => void result.current.sendMessage('hello'));
  await waitFor(() => expect(calls).toHaveLength(1));
  unmount();
  await macrotask();
  await macrotask();
  calls[0]!.text('Still here');
  calls[0]!.finish();
  await waitFor(() => expect(textsOf(chat.getSnapshot())).toEqual(['hello', 'Still here']));
  const again = renderChat({ chat });
  expect(textsOf(again.result.current)).toEqual(['hello', 'Still here']);
});

test('StrictMode sends once and stops nothing', async () => {
  const { client, calls } = scriptedClient();
  const { result } = renderHook(() => useChat({ client }), { wrapper: StrictMode });
  await act(macrotask);
  act(() => void result.current.sendMessage('hello'));
  await waitFor(() => expect(calls).toHaveLength(1));
  await act(macrotask);
  expect(calls[0]!.signal.aborted).toBe(false);
  calls[0]!.text('Hi');
  calls[0]!.finish();
  await waitFor(() => expect(textsOf(result.current)).toEqual(['hello', 'Hi']));
  expect(calls).toHaveLength(1);
});

test('another id is another chat, and the same id the same', async () => {
  const { client, calls } = scriptedClient();
  const { result, rerender } = renderChat({ client, id: 'a' });
  act(() => void result.current.sendMessage('hello'));
  await waitFor(() => expect(calls).toHaveLength(1));
  rerender({ client, id: 'a' });
  expect(textsOf(result.current)).toEqual(['hello']);
  rerender({ client, id: 'b' });
  expect(result.current.id).toBe('b');
  expect(textsOf(result.current)).toEqual([]);
  await waitFor(() => expect(calls[0]!.signal.aborted).toBe(true));
});

test('options are those of the latest render, functions keep their identity', async () => {
  const { client, calls } = scriptedClient();
  const early = vi.fn();
  const late = vi.fn();
  const { result, rerender } = renderChat({ client, system: 'Early', onFinish: early });
  const { sendMessage, stop, chat } = result.current;
  rerender({ client, system: 'Late', onFinish: late });
  expect(result.current).toMatchObject({ sendMessage, stop, chat });
  act(() => void result.current.sendMessage('hello'));
  await waitFor(() => expect(calls).toHaveLength(1));
  expect(calls[0]!.request.system).toBe('Late');
  calls[0]!.finish();
  await waitFor(() => expect(late).toHaveBeenCalledOnce());
  expect(early).not.toHaveBeenCalled();
});

test('a failure is the error of the hook, and can be cleared', async () => {
  const url = await serve({ status: 500, chunks: [{ text: 'no' }] });
  const onError = vi.fn<(error: LLMError) => void>();
  const { result } = renderChat({ client: clientOf(url), onError });
  await act(() => result.current.sendMessage('hello'));
  expect(result.current).toMatchObject({ status: 'error', error: { code: 'server', status: 500 } });
  expect(onError).toHaveBeenCalledExactlyOnceWith(result.current.error);
  act(() => result.current.clearError());
  expect(result.current).toMatchObject({ status: 'ready', error: undefined });
});

test('goes on, once, with an answer that the backend still writes', async () => {
  const frame = (chunk: object): string => `data: ${JSON.stringify(chunk)}\n\n`;
  const url = await serve({
    chunks: [
      { text: frame({ type: 'start', messageId: 'a' }) + frame({ type: 'text-delta', id: 't', delta: 'Still here' }) },
      { text: `${frame({ type: 'finish', finishReason: 'stop' })}data: [DONE]\n\n`, delayMs: 20 },
    ],
  });
  const client = new LLMClient({ provider: uiMessageStream({ api: `${url}/api/chat` }), retry: false });
  const messages = [{ id: 'u', role: 'user' as const, content: 'Hi' }];
  const { result } = renderHook(() => useChat({ client, id: 'chat-1', messages, resume: true }), {
    wrapper: StrictMode,
  });
  await waitFor(() => expect(result.current.messages[1]).toMatchObject({ id: 'a', finishReason: 'stop' }));
  expect(textsOf(result.current)).toEqual(['Hi', 'Still here']);
  expect(await commands.requests(url)).toMatchObject([{ method: 'GET', path: '/api/chat/chat-1/stream' }]);
});

test('a chat is there again after a remount where it is kept', async () => {
  const url = await serve({ chunks: [{ text: says('Kept') }] });
  const persistence = persistChat(memoryChats());
  const first = renderChat({ client: clientOf(url), id: 'kept', persistence });
  expect(first.result.current.isRestoring).toBe(true);
  await act(() => first.result.current.sendMessage('hello'));
  first.unmount();
  const second = renderChat({ client: clientOf(url), id: 'kept', persistence });
  await waitFor(() => expect(textsOf(second.result.current)).toEqual(['hello', 'Kept']));
  expect(second.result.current.isRestoring).toBe(false);
});

test('shows the arguments of a tool while they come', () => {
  const { result, rerender } = renderHook((rawInput: string) => useToolInput({ id: 'c', rawInput }), {
    initialProps: '{"city":"Par',
    wrapper: StrictMode,
  });
  expect(result.current.value).toEqual({ city: 'Par' });
  expect(result.current.pathStatus('city')).toBe('streaming');
  rerender('{"city":"Paris"}');
  expect(result.current.value).toEqual({ city: 'Paris' });
  expect(result.current.pathStatus('city')).toBe('complete');
});

test('asks a person, carries out the tool, and goes on', async () => {
  const url = await serve([
    {
      chunks: [
        {
          text:
            `data: ${JSON.stringify({
              choices: [
                {
                  delta: { tool_calls: [{ index: 0, id: 'c1', function: { name: 'pay', arguments: '{"euros":5}' } }] },
                },
              ],
            })}\n\n` +
            `data: ${JSON.stringify({ choices: [{ delta: {}, finish_reason: 'tool_calls' }] })}\n\ndata: [DONE]\n\n`,
        },
      ],
    },
    { chunks: [{ text: says('Paid') }] },
  ]);
  const execute = vi.fn(() => 'done');
  const inputSchema: StandardSchema<{ readonly euros: number }> = {
    '~standard': { version: 1, vendor: 'test', validate: (value) => ({ value: value as { readonly euros: number } }) },
  };
  const pay = tool({
    inputSchema,
    jsonSchema: { type: 'object', properties: { euros: { type: 'number' } } },
    hasEffects: true,
    execute,
  });
  function Page(): ReactElement {
    const { messages, sendMessage, addToolApprovalResponse } = useChat({ client: clientOf(url), tools: { pay } });
    return (
      <>
        <button onClick={() => void sendMessage('pay')}>Send</button>
        {messages.flatMap(({ id, parts }) =>
          parts.map((part, index) => {
            const key = `${id} ${index}`;
            if (part.type === 'text') return <p key={key}>{part.text}</p>;
            if (part.type !== 'tool-call' || part.name !== 'pay' || !part.approval || part.approval.approved)
              return null;
            const { id: approvalId } = part.approval;
            return (
              <button key={key} onClick={() => void addToolApprovalResponse({ id: approvalId, approved: true })}>
                Pay {part.input?.euros}
              </button>
            );
          }),
        )}
      </>
    );
  }
  render(<Page />);
  await userEvent.click(screen.getByText('Send'));
  await userEvent.click(await screen.findByText('Pay 5'));
  expect(await screen.findByText('Paid')).toBeTruthy();
  expect(execute).toHaveBeenCalledOnce();
});

test.each<[string, () => UseChatOptions]>([
  ['generated ids', () => ({})],
  ['an id', () => ({ id: 'chat-1' })],
  [
    'ids of the app',
    () => {
      let next = 0;
      return { generateId: () => `id-${(next += 1)}`, messages: [{ role: 'assistant', content: 'Hi' }] };
    },
  ],
])('hydrates a page that shows %s without a mismatch', async (_, optionsOf) => {
  const { client } = scriptedClient();
  const ids: string[] = [];
  function Page({ options }: { readonly options: UseChatOptions }): ReactElement {
    const { id, chat, messages } = useChat({ client, ...options });
    ids.push(chat.id);
    return (
      <form id={id} title={chat.id}>
        {messages.map((message) => (
          <p key={message.id} id={message.id} />
        ))}
      </form>
    );
  }
  const container = document.createElement('div');
  container.innerHTML = renderToString(<Page options={optionsOf()} />);
  const onRecoverableError = vi.fn();
  const root = await act(async () => hydrateRoot(container, <Page options={optionsOf()} />, { onRecoverableError }));
  expect(onRecoverableError).not.toHaveBeenCalled();
  expect(container.querySelector('form')?.id).toBe(ids.at(-1));
  expect(container.querySelector('form')?.title).toBe(ids.at(-1));
  act(() => root.unmount());
});

test('renders once in a page that is not hydrated, with the id of the chat', () => {
  const { client } = scriptedClient();
  const ids: string[] = [];
  renderHook(() => ids.push(useChat({ client }).id));
  expect(ids).toHaveLength(1);
  expect(ids[0]).toMatch(/^\d+$/);
});
