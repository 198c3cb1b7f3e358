import { memo } from 'react';
import { textOf } from './text-of.ts';
import type { DemoMessage } from './tools/chat-tools.ts';

interface QueueProps {
  queue: readonly DemoMessage[];
  onRemove: (id: string) => void;
}

/** Messages that wait for the end of the answer. */
export const Queue = memo(function Queue({ queue, onRemove }: QueueProps) {
  if (queue.length === 0) return null;
  return (
    <section className="chat-queue" aria-labelledby="queue-heading">
      <h2 id="queue-heading">Sent next</h2>
      <ul>
        {queue.map((message) => {
          const text = textOf(message) || 'A file';
          return (
            <li key={message.id}>
              <span>{text}</span>
              <button
                type="button"
                aria-label={`Take “${text.slice(0, 40)}” out of the queue`}
                onClick={() => onRemove(message.id)}
              >
                <span aria-hidden="true">×</span>
              </button>
            </li>
          );
        })}
      </ul>
    </section>
  );
});
