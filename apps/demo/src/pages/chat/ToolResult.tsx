import type { ToolState } from '@rivulet/core/chat';

interface ToolResultProps {
  name: string;
  state: ToolState;
  output: unknown;
}

/** What came of a call, as a person reads it. */
export function ToolResult({ name, state, output }: ToolResultProps) {
  if (state === 'output-error') return <p className="tool-error">{toText(output)}</p>;
  if (state === 'output-denied') return null;
  const fields = typeof output === 'object' && output !== null ? (output as Readonly<Record<string, unknown>>) : {};
  if (name === 'clock') {
    return (
      <p className="tool-result">
        <strong>{toText(fields['time'])}</strong> {toText(fields['date'])}
      </p>
    );
  }
  if (name === 'pick_colour') {
    const colour = toText(fields['answer']);
    return (
      <p className="tool-result">
        <svg className="tool-swatch" viewBox="0 0 1 1" aria-hidden="true">
          <rect width="1" height="1" fill={colour} />
        </svg>
        <strong>{colour}</strong>
      </p>
    );
  }
  const main = fields['result'] ?? fields['answer'] ?? output;
  return (
    <p className="tool-result">{typeof main === 'number' ? <strong>{NUMBERS.format(main)}</strong> : toText(main)}</p>
  );
}

const NUMBERS = new Intl.NumberFormat('en', { maximumSignificantDigits: 12 });

function toText(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? '');
}
