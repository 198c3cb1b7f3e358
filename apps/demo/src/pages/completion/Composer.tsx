import { isImeEvent } from '@rivulet/react';
import type { UseCompletionResult } from '@rivulet/react';
import { useRef, type KeyboardEvent, type SubmitEvent } from 'react';
import { SubmitButton } from '../../components/SubmitButton.tsx';
import '../../components/Composer.css';

interface ComposerProps {
  generation: UseCompletionResult;
  onAsk: (prompt: string) => void;
}

export function Composer({ generation, onAsk }: ComposerProps) {
  const { input, handleInputChange, stop, isLoading } = generation;
  const promptRef = useRef<HTMLTextAreaElement>(null);

  const submit = (event: SubmitEvent<HTMLFormElement>): void => {
    event.preventDefault();
    if (isLoading) stop();
    else if (input.trim() === '') promptRef.current?.focus();
    else onAsk(input);
  };

  const sendOnEnter = (event: KeyboardEvent<HTMLTextAreaElement>): void => {
    if (event.key !== 'Enter' || event.shiftKey || event.altKey || isImeEvent(event)) return;
    event.preventDefault();
    // A second Enter must not stop what the first one started.
    if (!isLoading) event.currentTarget.form?.requestSubmit();
  };

  return (
    <form className="composer" onSubmit={submit}>
      <label htmlFor="prompt">Prompt</label>
      <textarea
        id="prompt"
        ref={promptRef}
        rows={4}
        value={input}
        onChange={handleInputChange}
        onKeyDown={sendOnEnter}
        placeholder="Ask anything"
        aria-describedby="prompt-help"
        enterKeyHint="send"
      />
      <div className="composer-foot">
        <p id="prompt-help">
          <kbd>Enter</kbd> sends, <kbd>Shift</kbd> <kbd>Enter</kbd> breaks the line, <kbd>Esc</kbd> stops
        </p>
        <SubmitButton id="submit" isLoading={isLoading} />
      </div>
    </form>
  );
}
