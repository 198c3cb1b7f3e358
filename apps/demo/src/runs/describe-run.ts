import { lastTurn, type LoggedRun } from './run-log.ts';

export type RunKind = 'asking' | 'waiting' | 'answering' | 'finished' | 'failed' | 'stopped';

export interface RunDescription {
  kind: RunKind;
  label: string;
  provider: string;
  /** Unknown where the provider has one of its own. */
  model: string | undefined;
  /** Token counts as the provider gave them; nothing where it gave none. */
  tokens: string | undefined;
  /** What there is to look up, each with its name. */
  facts: readonly (readonly [name: string, value: string])[];
}

const KINDS: Readonly<Record<string, readonly [RunKind, string]>> = {
  request: ['asking', 'Asking'],
  retry: ['waiting', 'Waiting to retry'],
  'first-content': ['answering', 'Answering'],
  finish: ['finished', 'Finished'],
  error: ['failed', 'Failed'],
  abort: ['stopped', 'Stopped'],
};

export function describeRun(run: LoggedRun): RunDescription {
  const last = lastTurn(run);
  const [kind, label] = KINDS[last.type] ?? ['asking', last.type];
  const { usage, id } = last.type === 'finish' ? last : {};
  const counts: readonly (readonly [string, number | undefined])[] = [
    ['in', usage?.inputTokens],
    ['out', usage?.outputTokens],
    ['of reasoning', usage?.reasoningTokens],
    ['from the cache', usage?.cachedInputTokens],
  ];
  const told = counts.flatMap(([name, count]) => (count ? [`${count.toLocaleString('en')} ${name}`] : []));
  const tokens = told.length > 0 ? told.join(', ') : undefined;
  const facts: readonly (readonly [string, string | undefined])[] = [
    ['Provider', last.provider],
    ['Model', last.model],
    ['Attempts', String(last.attempt)],
    ['Tokens', tokens],
    ['Answer id', id],
    ['Run id', run.id],
  ];
  return {
    kind,
    label,
    provider: last.provider,
    model: last.model,
    tokens,
    facts: facts.flatMap(([name, value]) => (value === undefined ? [] : [[name, value] as const])),
  };
}
