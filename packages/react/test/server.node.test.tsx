import { LLMClient } from '@rivulet/core';
import { persistChat, storageChats } from '@rivulet/core/chat';
import { openai } from '@rivulet/core/openai';
import {
  LLMClientProvider,
  useBatch,
  useChat,
  useCompletion,
  useMessage,
  useObject,
  useObjectField,
  useStore,
  useStream,
} from '@rivulet/react';
import { StrictMode, type ReactElement } from 'react';
import { renderToString } from 'react-dom/server';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { z } from 'zod';

const fetch = vi.fn<() => Promise<Response>>();
const client = new LLMClient({ provider: openai({ baseURL: 'http://127.0.0.1' }), model: 'model-1', fetch });

beforeEach(() => {
  vi.spyOn(console, 'error');
});

afterEach(() => {
  expect(console.error).not.toHaveBeenCalled();
  expect(fetch).not.toHaveBeenCalled();
  vi.restoreAllMocks();
});

function Page({ id, greeting }: { id?: string; greeting: string }): ReactElement {
  const { completion, status, input, handleInputChange } = useCompletion({
    id,
    initialCompletion: greeting,
    initialInput: 'Tell me',
  });
  const stream = useStream();
  const { progress } = useBatch();
  return (
    <p title={status}>
      {completion}
      <input value={input} onChange={handleInputChange} />
      {stream.status}
      <progress max={progress.total} />
    </p>
  );
}

test('renders on the server without a request', () => {
  const html = renderToString(
    <StrictMode>
      <LLMClientProvider client={client}>
        <Page greeting="Ask me" />
      </LLMClientProvider>
    </StrictMode>,
  );
  expect(html).toBe('<p title="ready">Ask me<input value="Tell me"/>ready<progress max="0"></progress></p>');
});

test('visitors of a server share nothing, whatever the id', () => {
  const page = (greeting: string): string =>
    renderToString(
      <LLMClientProvider client={client}>
        <Page id="x" greeting={greeting} />
      </LLMClientProvider>,
    );
  expect(page('Hello Ann')).toContain('Hello Ann');
  expect(page('Hello Bob')).toContain('Hello Bob');
});

test('a store renders what it holds', () => {
  function Count(): ReactElement {
    return <b>{useStore({ getSnapshot: () => 7, subscribe: () => () => undefined })}</b>;
  }
  expect(renderToString(<Count />)).toBe('<b>7</b>');
});

test('renders a chat on the server, and looks for nothing that a browser keeps', async () => {
  const persistence = persistChat(storageChats());
  function Chat(): ReactElement {
    const { chat, messages, status, isRestoring } = useChat({
      client,
      id: 'a',
      persistence,
      messages: [{ id: 'm', role: 'user', content: 'Hi' }],
    });
    const message = useMessage(chat, 'm');
    return (
      <p title={`${status} ${isRestoring}`}>
        {messages.length} {message?.parts.length}
      </p>
    );
  }
  const html = renderToString(
    <StrictMode>
      <Chat />
    </StrictMode>,
  );
  expect(html).toBe('<p title="ready true">1<!-- --> <!-- -->1</p>');
  await new Promise((resolve) => setTimeout(resolve));
});

test('an object renders empty, before anybody asked for it', () => {
  function Recipe(): ReactElement {
    const { object, run, status, fieldStatus } = useObject({ client, schema: z.object({ title: z.string() }) });
    const field = useObjectField(run, 'title');
    return <b>{[status, object === undefined, fieldStatus('title'), field.status].join()}</b>;
  }
  expect(renderToString(<Recipe />)).toBe('<b>ready,true,absent,absent</b>');
});
