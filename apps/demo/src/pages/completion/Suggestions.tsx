import type { Mode } from '../../../shared/llm-endpoint.ts';
import '../../components/Suggestions.css';

const PROMPTS = [
  'Explain how tokens reach this page',
  'Write a TypeScript debounce function',
  'Think: how many piano tuners does Lisbon have?',
  'Write a long story about a lighthouse keeper',
];

/** The demo's own model obeys these, so that each way to end can be seen. */
const FAULTS = [
  'Cut the answer off',
  'Fail with a rate limit',
  'Be overloaded',
  'Be busy for a moment',
  'Reach the token limit',
  'Refuse my key',
  'Take your time and explain tides',
];

interface SuggestionsProps {
  mode: Mode;
  onChoose: (prompt: string) => void;
}

export function Suggestions({ mode, onChoose }: SuggestionsProps) {
  return (
    <section className="suggestions" aria-labelledby="suggestions-heading">
      <h2 id="suggestions-heading">Try one of these</h2>
      <SuggestionList prompts={PROMPTS} onChoose={onChoose} />
      {mode !== 'provider' && (
        <>
          <h3>Or watch it go wrong</h3>
          <SuggestionList prompts={FAULTS} onChoose={onChoose} />
        </>
      )}
    </section>
  );
}

function SuggestionList({ prompts, onChoose }: { prompts: readonly string[]; onChoose: (prompt: string) => void }) {
  return (
    <ul>
      {prompts.map((prompt) => (
        <li key={prompt}>
          <button type="button" onClick={() => onChoose(prompt)}>
            {prompt}
          </button>
        </li>
      ))}
    </ul>
  );
}
