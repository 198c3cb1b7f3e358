import { useToolInput } from '@rivulet/react';
import type { ToolState } from '@rivulet/core/chat';
import { memo, useId, useRef } from 'react';
import { ColourPicker } from './ColourPicker.tsx';
import { useSay } from './announcer-context.ts';
import type { DemoCall, DemoChat, DemoResult } from './tools/chat-tools.ts';
import { ToolResult } from './ToolResult.tsx';
import './ToolCard.css';

const TITLES: Readonly<Record<string, string>> = {
  clock: 'Clock',
  calculator: 'Calculator',
  send_email: 'Send an email',
  pick_colour: 'Pick a colour',
};

const STATES: Record<ToolState, string> = {
  'input-streaming': 'Writing',
  'input-available': 'Running',
  'approval-requested': 'Needs your approval',
  'approval-responded': 'Running',
  'output-available': 'Done',
  'output-error': 'Failed',
  'output-denied': 'Not allowed',
};

interface ToolCardProps {
  chat: DemoChat;
  call: DemoCall;
  state: ToolState;
  result?: DemoResult | undefined;
  /** Whether the answer goes on at the moment. */
  isActive: boolean;
}

/** A call of a tool: what it is asked, how far it is, and what came of it. */
export const ToolCard = memo(function ToolCard({ chat, call, state, result, isActive }: ToolCardProps) {
  const headingId = useId();
  const cardRef = useRef<HTMLDivElement>(null);
  const say = useSay();
  const { value } = useToolInput(call);
  const isAsked = call.name === 'pick_colour' && state === 'input-available';

  const decide = (approved: boolean): void => {
    if (!call.approval) return;
    // The buttons go.
    cardRef.current?.focus({ preventScroll: true });
    void chat.addToolApprovalResponse({
      id: call.approval.id,
      approved,
      ...(!approved && { reason: 'The user did not allow it.' }),
    });
  };
  const pick = (colour: string): void => {
    cardRef.current?.focus({ preventScroll: true });
    say(`${colour} is picked.`);
    void chat.addToolOutput({ tool: 'pick_colour', toolCallId: call.id, output: { answer: colour } });
  };

  return (
    // A section would be a landmark, of which there would be many.
    <div
      ref={cardRef}
      className="tool-card"
      data-state={isAsked ? 'approval-requested' : state}
      // oxlint-disable-next-line jsx-a11y/prefer-tag-over-role
      role="group"
      aria-labelledby={headingId}
      tabIndex={-1}
    >
      <div className="tool-head">
        <span className="tool-mark" aria-hidden="true" />
        <h3 id={headingId}>{TITLES[call.name] ?? call.name}</h3>
        <span className="tool-state">{isAsked ? 'Your turn' : stateLabel(state, isActive)}</span>
      </div>
      <div className="tool-body">
        <ToolInput value={value} />
        {result && <ToolResult name={call.name} state={state} output={result.output} />}
      </div>
      {state === 'approval-requested' && (
        <div className="tool-decision">
          <p>The model wants to do this in your name.</p>
          <button type="button" className="button-strong" onClick={() => decide(true)}>
            Allow
          </button>
          <button type="button" className="button-quiet" onClick={() => decide(false)}>
            Don’t allow
          </button>
        </div>
      )}
      {isAsked && <ColourPicker onPick={pick} />}
      {call.error && <p className="tool-error">{call.error.message}</p>}
    </div>
  );
});

function stateLabel(state: ToolState, isActive: boolean): string {
  const isRunning = state === 'input-streaming' || state === 'input-available' || state === 'approval-responded';
  // Nobody carries out what was stopped.
  return isRunning && !isActive ? 'Not run' : STATES[state];
}

/** The arguments so far, by name. */
function ToolInput({ value }: { value: unknown }) {
  if (typeof value !== 'object' || value === null) return null;
  const entries = Object.entries(value);
  const [first] = entries;
  // One word needs no name.
  if (entries.length === 1 && first && typeof first[1] === 'string') return <p className="tool-input">{first[1]}</p>;
  return (
    <dl className="tool-input">
      {entries.map(([key, field]) => (
        <div key={key}>
          <dt>{key}</dt>
          <dd>{typeof field === 'string' ? field : JSON.stringify(field)}</dd>
        </div>
      ))}
    </dl>
  );
}
