import { focusSubmit } from './focus-submit.ts';
import { describeChatEnd } from './describe-chat-end.ts';
import type { DemoChat, DemoMessage } from './tools/chat-tools.ts';

interface AnswerEndProps {
  chat: DemoChat;
  message: DemoMessage;
  isLast: boolean;
  onAgain: () => void;
}

/** Says that an answer is not whole, and goes on with it. */
export function AnswerEnd({ chat, message, isLast, onAgain }: AnswerEndProps) {
  const end = describeChatEnd(message);
  if (!end) return null;
  const goOn = (): void => {
    focusSubmit();
    void chat.continueAnswer();
  };
  return (
    <div className="chat-end" data-alarming={end.isAlarming}>
      <p>{end.text}</p>
      {isLast && end.canContinue && (
        <button type="button" className="button-quiet" onClick={goOn}>
          Continue
        </button>
      )}
      {isLast && !end.canContinue && (
        <button type="button" className="button-quiet" onClick={onAgain}>
          Try again
        </button>
      )}
    </div>
  );
}
