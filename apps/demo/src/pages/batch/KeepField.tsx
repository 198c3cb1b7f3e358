import { formatCount } from './format.ts';
import './KeepField.css';

interface KeepFieldProps {
  /** Whether the browser lets the page keep anything. */
  isPossible: boolean;
  isOn: boolean;
  /** How many answers are kept. */
  kept: number;
  isBusy: boolean;
  problem: string | null;
  onChange: (isOn: boolean) => void;
  onForget: () => void;
}

/** Whether the batch outlives the page. */
export function KeepField({ isPossible, isOn, kept, isBusy, problem, onChange, onForget }: KeepFieldProps) {
  return (
    <div className="keep-field">
      <label>
        <input
          id="keep"
          type="checkbox"
          checked={isOn}
          disabled={!isPossible || isBusy}
          onChange={(event) => onChange(event.target.checked)}
          aria-describedby="keep-help"
        />
        Go on after a reload
      </label>
      <p id="keep-help" className="field-help">
        {isPossible
          ? 'Answers are kept in this browser. What is stopped goes on, and nothing is asked for twice.'
          : 'This browser keeps nothing for this page.'}
      </p>
      {problem !== null && <p className="keep-problem">{problem}</p>}
      {kept > 0 && !isBusy && (
        <p className="keep-kept">
          {formatCount(kept)} {kept === 1 ? 'answer is' : 'answers are'} kept.
          <button type="button" className="button-quiet" onClick={onForget}>
            Forget
          </button>
        </p>
      )}
    </div>
  );
}
