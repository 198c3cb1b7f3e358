import { LLMClient, type LLMConfig, type ResolvedRequest, type StreamEvent } from '@rivulet/core';
import { createChat, type Chat, type ChatOptions, type ToolSet } from '@rivulet/core/chat';
import { scripted, type Script, type ScriptedProvider, type ScriptedReply } from '@rivulet/core/scripted';
import { writable } from '../support/client.ts';

/** Answers one request after the other; the last one answers all that follow. */
export function turns(...replies: readonly ScriptedReply[]): Script {
  let at = 0;
  return () => {
    const reply = replies[Math.min(at, replies.length - 1)];
    at += 1;
    return reply ?? '';
  };
}

export interface ScriptedChat<Tools extends ToolSet> {
  readonly chat: Chat<Tools>;
  readonly requests: readonly ResolvedRequest[];
}

export function chatThat<Tools extends ToolSet = ToolSet>(
  script: Script,
  options: Omit<ChatOptions<Tools>, 'client'> = {},
  config: Partial<LLMConfig> = {},
): ScriptedChat<Tools> {
  const provider: ScriptedProvider = scripted(script);
  const client = new LLMClient({ provider, retry: false, ...config });
  return { chat: createChat<Tools>({ client, ...options }), requests: provider.requests };
}

/** An answer that the test writes. */
export function written(): {
  readonly reply: AsyncIterable<StreamEvent>;
  say(...deltas: readonly string[]): void;
  send(event: StreamEvent): void;
  finish(): void;
} {
  const { stream, write, end } = writable<StreamEvent>();
  async function* read(): AsyncGenerator<StreamEvent> {
    const reader = stream.getReader();
    for (;;) {
      const { done, value } = await reader.read();
      if (done) return;
      yield value;
    }
  }
  return {
    reply: read(),
    say(...deltas) {
      for (const delta of deltas) write({ type: 'text', delta });
    },
    send: write,
    finish() {
      write({ type: 'finish', reason: 'stop' });
      end();
    },
  };
}

/** The text of each message that is shown. */
export function textsOf(chat: Pick<Chat, 'getSnapshot'>): string[] {
  return chat
    .getSnapshot()
    .messages.map(
      ({ role, parts }) => `${role}: ${parts.map((part) => ('text' in part ? part.text : part.type)).join('|')}`,
    );
}
