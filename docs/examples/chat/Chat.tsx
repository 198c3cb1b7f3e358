import { toolStateOf, type ChatMessage } from '@rivulet/core/chat';
import { useChat } from '@rivulet/react';
import { memo, useState, type FormEvent, type ReactElement } from 'react';
import { tools } from './tools.ts';

type Approve = (response: { readonly id: string; readonly approved: boolean }) => Promise<void>;

export function Chat(): ReactElement {
  const { messages, sendMessage, status, error, stop, regenerate, addToolApprovalResponse } = useChat({ tools });
  const [input, setInput] = useState('');
  const isBusy = status === 'submitted' || status === 'streaming';
  function submit(event: FormEvent): void {
    event.preventDefault();
    if (input) void sendMessage({ text: input });
    setInput('');
  }
  return (
    <>
      <ol>
        {messages.map((message) => (
          <Message key={message.id} message={message} approve={addToolApprovalResponse} />
        ))}
      </ol>
      {error && <p role="alert">{error.message}</p>}
      <form onSubmit={submit}>
        <input aria-label="Message" value={input} onChange={(event) => setInput(event.target.value)} />
        <button>Send</button>
        {isBusy && (
          <button type="button" onClick={stop}>
            Stop
          </button>
        )}
        {!isBusy && messages.length > 0 && (
          <button type="button" onClick={() => void regenerate()}>
            Another answer
          </button>
        )}
      </form>
    </>
  );
}

interface MessageProps {
  readonly message: ChatMessage<typeof tools>;
  readonly approve: Approve;
}

/** Renders anew only when its own message changed. */
const Message = memo(function Message({ message, approve }: MessageProps): ReactElement {
  return (
    <li>
      {message.parts.map((part, index) => {
        const key = `${part.type}-${index}`;
        if (part.type === 'text') return <p key={key}>{part.text}</p>;
        if (part.type !== 'tool-call') return null;
        const { state, result } = toolStateOf(message, part);
        if (state === 'approval-requested' && part.name === 'send' && part.approval) {
          const { id } = part.approval;
          return (
            <p key={key}>
              Send “{part.input?.text}” to {part.input?.to}?
              <button onClick={() => void approve({ id, approved: true })}>Yes</button>
              <button onClick={() => void approve({ id, approved: false })}>No</button>
            </p>
          );
        }
        return (
          <p key={key}>
            {part.name}: {state === 'output-available' ? String(result?.output) : state}
          </p>
        );
      })}
    </li>
  );
});
