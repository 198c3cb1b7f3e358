import type { Mode } from '../../../shared/llm-endpoint.ts';
import '../../components/Start.css';
import './ChatEmpty.css';

interface Suggestion {
  what: string;
  prompt: string;
}

const SUGGESTIONS: readonly Suggestion[] = [
  { what: 'Markdown', prompt: 'Show me what Markdown can do about rivers' },
  { what: 'Tools', prompt: 'What time is it in Tokyo and in Lisbon, and what is 17*23?' },
  { what: 'Approval', prompt: 'Send an email to ada@example.org about the weir, saying "It is dry."' },
  { what: 'Your answer', prompt: 'Let me pick a colour for the boat' },
  { what: 'Reasoning', prompt: 'Think: how many piano tuners does Lisbon have?' },
  { what: 'Code', prompt: 'Write a TypeScript debounce function' },
];

/** The demo's own model obeys these. */
const FAULTS: readonly Suggestion[] = [
  { what: 'A lost connection', prompt: 'Cut the answer off' },
  { what: 'The limit of tokens', prompt: 'Reach the token limit' },
];

interface ChatEmptyProps {
  mode: Mode;
  onChoose: (prompt: string) => void;
  /** Puts a long conversation in. */
  onFill: () => void;
}

export function ChatEmpty({ mode, onChoose, onFill }: ChatEmptyProps) {
  const suggestions = mode === 'provider' ? SUGGESTIONS : [...SUGGESTIONS, ...FAULTS];
  return (
    <section className="start chat-empty" aria-labelledby="chat-empty-heading">
      <h2 id="chat-empty-heading">Where shall we begin?</h2>
      <p>
        Answers stream as Markdown, tools run in this page, and what you say stays in this browser. Drop a file
        anywhere, or take one of these.
      </p>
      <ul>
        {suggestions.map(({ what, prompt }) => (
          <li key={what}>
            <button type="button" onClick={() => onChoose(prompt)}>
              <span className="chat-empty-what">{what}</span>
              <span>{prompt}</span>
            </button>
          </li>
        ))}
        <li>
          <button type="button" onClick={onFill}>
            <span className="chat-empty-what">A long thread</span>
            <span>Open 1,000 messages</span>
          </button>
        </li>
      </ul>
    </section>
  );
}
