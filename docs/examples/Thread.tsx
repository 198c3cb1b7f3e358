import { isImeEvent, useAnnouncer, useCompletion, useEscape, useStickToBottom } from '@rivulet/react';
import type { KeyboardEvent, ReactElement } from 'react';
import { textFor } from './error-text.ts';

const messages = {
  started: 'Generating an answer.',
  finished: 'The answer is complete.',
  stopped: 'Stopped.',
  failed: 'The answer failed.',
};

export function Thread(): ReactElement {
  const { completion, input, handleInputChange, complete, stop, isLoading, status, finishReason, error } =
    useCompletion();
  const { scrollRef, contentRef, isAtBottom, scrollToBottom } = useStickToBottom();
  useAnnouncer({ status, finishReason, messages });
  useEscape(isLoading ? stop : undefined);

  function send(): void {
    void complete(input);
    scrollToBottom();
  }
  function onKeyDown(event: KeyboardEvent): void {
    if (event.key !== 'Enter' || event.shiftKey || isImeEvent(event)) return;
    event.preventDefault();
    send();
  }
  return (
    <main>
      <section ref={scrollRef} aria-label="Conversation" tabIndex={0} style={{ height: '60vh', overflowY: 'auto' }}>
        <article ref={contentRef} aria-label="Answer" style={{ whiteSpace: 'pre-wrap' }}>
          {completion}
        </article>
        {error && <p>{textFor(error)}</p>}
      </section>
      {!isAtBottom && <button onClick={scrollToBottom}>To the end</button>}
      <textarea aria-label="Message" value={input} onChange={handleInputChange} onKeyDown={onKeyDown} />
      <button onClick={isLoading ? stop : send}>{isLoading ? 'Stop' : 'Send'}</button>
    </main>
  );
}
