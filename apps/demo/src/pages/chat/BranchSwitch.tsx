import type { DemoChat } from './tools/chat-tools.ts';
import { useSay } from './announcer-context.ts';

interface BranchSwitchProps {
  chat: DemoChat;
  /** Of the message that is shown. */
  id: string;
}

/** Goes through the alternatives of a message. */
export function BranchSwitch({ chat, id }: BranchSwitchProps) {
  const say = useSay();
  const ids = chat.branches(id);
  const index = ids.indexOf(id);
  if (ids.length < 2) return null;

  const show = (next: number): void => {
    const chosen = ids[next];
    if (chosen === undefined) return;
    chat.selectBranch(chosen);
    say(`Version ${next + 1} of ${ids.length}.`);
  };

  return (
    <fieldset className="branch-switch" aria-label="Versions">
      {/* Not disabled at the ends: the focus would be lost. */}
      <button type="button" aria-label="Previous version" aria-disabled={index === 0} onClick={() => show(index - 1)}>
        <span aria-hidden="true">‹</span>
      </button>
      <span className="branch-place">
        {index + 1}
        <span aria-hidden="true"> / </span>
        <span className="visually-hidden"> of </span>
        {ids.length}
      </span>
      <button
        type="button"
        aria-label="Next version"
        aria-disabled={index === ids.length - 1}
        onClick={() => show(index + 1)}
      >
        <span aria-hidden="true">›</span>
      </button>
    </fieldset>
  );
}
