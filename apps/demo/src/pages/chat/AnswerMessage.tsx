import { toolStateOf } from '@rivulet/core/chat';
import { CopyButton } from '../../components/CopyButton.tsx';
import { AnswerEnd } from './AnswerEnd.tsx';
import { AnswerReasoning } from './AnswerReasoning.tsx';
import { BranchSwitch } from './BranchSwitch.tsx';
import { ChatMarkdown } from './ChatMarkdown.tsx';
import { describeUsage } from './describe-usage.ts';
import { FileView } from './FileView.tsx';
import { focusSubmit } from './focus-submit.ts';
import { useSay } from './announcer-context.ts';
import { textOf } from './text-of.ts';
import { ToolCard } from './ToolCard.tsx';
import type { DemoChat, DemoMessage } from './tools/chat-tools.ts';

interface AnswerMessageProps {
  chat: DemoChat;
  message: DemoMessage;
  /** Whether more of it is to come. */
  isActive: boolean;
  isLast: boolean;
  /** The page tells the end of it otherwise. */
  hasFailed: boolean;
}

export function AnswerMessage({ chat, message, isActive, isLast, hasFailed }: AnswerMessageProps) {
  const say = useSay();
  const { parts, usage, finishReason } = message;
  const text = textOf(message);
  const isWritten = isActive && finishReason === undefined;
  const last = parts.length - 1;

  const regenerate = (): void => {
    focusSubmit();
    void chat.regenerate(message.id);
  };

  return (
    <>
      <h2 className="visually-hidden">Answer</h2>
      {/* Not a live region: every token would be read. */}
      <div className="chat-answer" aria-busy={isActive}>
        {parts.map((part, index) => {
          const key = `${message.id}-${index}`;
          const isOpen = isWritten && index === last;
          switch (part.type) {
            case 'text':
              return <ChatMarkdown key={key} text={part.text} isStreaming={isOpen} />;
            case 'refusal':
              return (
                <p key={key} className="chat-refusal">
                  {part.text}
                </p>
              );
            case 'reasoning':
              return part.text && <AnswerReasoning key={key} text={part.text} isOpen={isOpen} />;
            case 'tool-call':
              return <ToolCard key={key} chat={chat} call={part} {...toolStateOf(message, part)} isActive={isActive} />;
            case 'file':
              return <FileView key={key} file={part} />;
            case 'source':
              return (
                part.url && (
                  <p key={key} className="chat-source">
                    <a href={part.url} target="_blank" rel="noreferrer noopener">
                      {part.title ?? part.url}
                    </a>
                  </p>
                )
              );
            default:
              return null;
          }
        })}
        {isActive && parts[last]?.type !== 'text' && <span className="chat-cursor" aria-hidden="true" />}
      </div>
      {!isActive && !hasFailed && <AnswerEnd chat={chat} message={message} isLast={isLast} onAgain={regenerate} />}
      {/* The versions stay where they are: the focus may be there. */}
      <div className="chat-actions">
        <BranchSwitch chat={chat} id={message.id} />
        {!isActive && (
          <>
            {text !== '' && <CopyButton text={text} onResult={say} />}
            {!hasFailed && (
              <button type="button" className="button-quiet" onClick={regenerate}>
                Regenerate
              </button>
            )}
            {usage && <span className="chat-usage">{describeUsage(usage)}</span>}
          </>
        )}
      </div>
    </>
  );
}
