import type { LLMError } from '@rivulet/core';
import { useAnnouncer, useChat, useEscape, useStickToBottom } from '@rivulet/react';
import { useState, type DragEvent } from 'react';
import { Rivulet } from '../../components/Rivulet.tsx';
import type { Mode } from '../../../shared/llm-endpoint.ts';
import { ErrorNotice } from '../../components/ErrorNotice.tsx';
import { AgainButton } from '../../components/AgainButton.tsx';
import { RetryNotice } from '../../components/RetryNotice.tsx';
import { addFiles } from './add-files.ts';
import { ChatComposer, type ReturnedText } from './ChatComposer.tsx';
import { ChatEmpty } from './ChatEmpty.tsx';
import { describeChatEnd, isWaiting } from './describe-chat-end.ts';
import { describeError } from '../../components/describe-error.ts';
import { focusSubmit } from './focus-submit.ts';
import { longConversation } from './long-conversation.ts';
import { MessageList } from './MessageList.tsx';
import { Queue } from './Queue.tsx';
import { SayContext } from './announcer-context.ts';
import { newRandomId } from './thread-index.ts';
import type { DemoChat, DemoMessage } from './tools/chat-tools.ts';
import './Conversation.css';
import './Message.css';

interface ConversationProps {
  chat: DemoChat;
  mode: Mode;
  /** For the foot of the composer. */
  models: React.ReactNode;
  /** Something was said, in these words. */
  onSaid: (words: string) => void;
}

interface ReturnedInput extends ReturnedText {
  readonly error: LLMError;
}

export function Conversation({ chat, mode, models, onSaid }: ConversationProps) {
  const { messages, status, error, queue, retry, isRestoring, persistenceError, sendMessage, stop } = useChat({ chat });
  const { scrollRef, contentRef, isAtBottom, scrollToBottom } = useStickToBottom();
  const [files, setFiles] = useState<readonly File[]>([]);
  const [note, setNote] = useState('');
  const [returned, setReturned] = useState<ReturnedInput>();
  const [isDropping, setIsDropping] = useState(false);
  const isLoading = status === 'submitted' || status === 'streaming';
  const last = messages.at(-1);
  useEscape(isLoading ? stop : undefined);
  const { announce } = useAnnouncer({
    status,
    finishReason: last?.finishReason,
    messages: {
      started: 'Generating the answer.',
      finished: spokenEnd(last),
      stopped: 'Stopped. The text so far is kept.',
      failed: error && `Failed: ${describeError(error).title}. ${describeError(error).advice}`,
    },
  });

  const sendOrReturn = async (text: string, sent: readonly File[]): Promise<void> => {
    const id = newRandomId();
    await sendMessage({ id, text, files: sent });
    const { error: rejection } = chat.getSnapshot();
    if (!rejection || chat.message(id).getSnapshot()) return;
    // The chat removed the message because of its files: the composer gets it back.
    setReturned({ text, error: rejection });
    setFiles((now) => (now.length > 0 ? now : sent));
  };
  const say = (text: string, sent: readonly File[] = []): void => {
    onSaid(text || sent.map(({ name }) => name).join(', '));
    void sendOrReturn(text, sent);
    if (isLoading) announce('It is sent after this answer.');
    scrollToBottom();
  };
  const send = (text: string): void => {
    say(text, files);
    setFiles([]);
    setNote('');
  };
  const attach = (added: readonly File[]): void => {
    const { kept, refused } = addFiles(files, added);
    setFiles(kept);
    setNote(refused);
    announce(refused || `${added.length} ${added.length === 1 ? 'file' : 'files'} attached.`);
  };
  const choose = (prompt: string): void => {
    focusSubmit();
    say(prompt);
  };
  const fill = (): void => {
    focusSubmit();
    onSaid('A thousand messages');
    chat.setMessages(longConversation());
    scrollToBottom();
  };
  const tryAgain = (): void => {
    focusSubmit();
    void chat.regenerate();
  };
  const goOn = (): void => {
    focusSubmit();
    void chat.continueAnswer();
  };

  const onDragOver = (event: DragEvent): void => {
    if (!event.dataTransfer.types.includes('Files')) return;
    event.preventDefault();
    setIsDropping(true);
  };
  const onDragLeave = ({ currentTarget, relatedTarget }: DragEvent): void => {
    if (!(relatedTarget instanceof Node && currentTarget.contains(relatedTarget))) setIsDropping(false);
  };
  const onDrop = (event: DragEvent): void => {
    setIsDropping(false);
    if (event.dataTransfer.files.length === 0) return;
    event.preventDefault();
    attach([...event.dataTransfer.files]);
  };

  const isEmpty = messages.length === 0 && !isLoading && !isRestoring;
  // What greets has no end to follow.
  const followRef = isEmpty ? undefined : scrollRef;
  const isUnanswered = isLoading && last?.role !== 'assistant';
  const hasPart = last?.role === 'assistant';
  const isReturned = error !== undefined && returned?.error === error;

  return (
    <SayContext value={announce}>
      {/* A drop is one way of three: the button and the clipboard are the others. */}
      <div
        className="conversation"
        data-dropping={isDropping}
        onDragOver={onDragOver}
        onDragLeave={onDragLeave}
        onDrop={onDrop}
      >
        {/* The keyboard must reach what scrolls. */}
        {/* oxlint-disable-next-line jsx-a11y/no-noninteractive-tabindex */}
        <section ref={followRef} className="conversation-scroll" aria-label="Conversation" tabIndex={0}>
          <div ref={contentRef} className="conversation-content">
            {isEmpty && <ChatEmpty mode={mode} onChoose={choose} onFill={fill} />}
            <MessageList chat={chat} isLoading={isLoading} hasFailed={error !== undefined} onSent={scrollToBottom} />
            {isUnanswered && (
              <div className="chat-message" data-role="assistant" data-active="true">
                <Rivulet isFlowing />
                {retry ? <RetryNotice retry={retry} /> : <span className="chat-cursor" aria-hidden="true" />}
              </div>
            )}
            {hasPart && retry && <RetryNotice retry={retry} />}
            {error && (
              <div className="chat-failure">
                <ErrorNotice error={error} mode={mode} hasText={hasPart && !isReturned} />
                {!isReturned && (
                  <div className="chat-failure-actions">
                    {hasPart && <AgainButton label="Continue" waitMs={error.retryAfterMs} onPress={goOn} />}
                    <AgainButton label="Try again" waitMs={error.retryAfterMs} onPress={tryAgain} />
                  </div>
                )}
              </div>
            )}
          </div>
        </section>
        <div className="conversation-foot">
          {!isAtBottom && (
            <button type="button" className="conversation-jump" onClick={scrollToBottom}>
              <span aria-hidden="true">↓</span> Latest
            </button>
          )}
          {persistenceError && (
            <p className="conversation-note">This conversation could not be kept: {persistenceError.message}</p>
          )}
          <Queue queue={queue} onRemove={chat.removeQueued} />
          <ChatComposer
            isLoading={isLoading}
            files={files}
            note={note}
            returned={returned}
            models={models}
            onAttach={attach}
            onRemove={(file) => setFiles(files.filter((one) => one !== file))}
            onSend={send}
            onStop={stop}
          />
        </div>
      </div>
    </SayContext>
  );
}

/** What a screen reader is told when nothing more comes. */
function spokenEnd(message: DemoMessage | undefined): string {
  if (!message || message.role !== 'assistant') return 'No answer came.';
  if (isWaiting(message)) return 'The model asks for your decision.';
  return describeChatEnd(message)?.text ?? 'Answer complete.';
}
