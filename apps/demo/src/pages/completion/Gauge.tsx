import type { UseCompletionResult } from '@rivulet/react';
import { formatMs } from '../../components/format-ms.ts';
import type { Asked } from './submission.ts';
import { describeEnd } from '../../components/describe-end.ts';
import { CHARACTERS_PER_TOKEN, type Flow } from './flow-meter.ts';
import { Hydrograph } from './Hydrograph.tsx';
import { useFlow } from './use-flow.ts';
import './Gauge.css';

interface GaugeProps {
  asked: Asked | null;
  generation: UseCompletionResult;
}

/** How the answer flows: the time to the first token, the rate, what was used, and how it ended. */
export function Gauge({ asked, generation }: GaugeProps) {
  const { completion, reasoning, isLoading, usage } = generation;
  const flow = useFlow(asked?.atMs ?? 0, isLoading, asked ? completion.length + reasoning.length : 0);

  return (
    <section className="gauge" aria-label="Measurements">
      <Hydrograph flow={flow} />
      <dl>
        <Reading name="First token" value={asked ? firstToken(flow, isLoading) : NONE} />
        <Reading name="Rate" value={asked ? rate(flow, generation) : NONE} />
        <Reading name="Tokens in" value={usage?.inputTokens === undefined ? NONE : String(usage.inputTokens)} />
        <Reading name="Tokens out" value={asked ? tokensOut(generation) : NONE} />
        <Reading name="End" value={end(generation)} />
      </dl>
    </section>
  );
}

const NONE = '–';

function Reading({ name, value }: { name: string; value: string }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{value}</dd>
    </div>
  );
}

function firstToken({ firstTokenMs, elapsedMs }: Flow, isLoading: boolean): string {
  if (firstTokenMs !== null) return formatMs(firstTokenMs);
  return isLoading ? `${formatMs(elapsedMs)} …` : NONE;
}

function tokensOut({ usage, completion, reasoning }: UseCompletionResult): string {
  if (usage?.outputTokens !== undefined) return String(usage.outputTokens);
  const estimate = Math.ceil((completion.length + reasoning.length) / CHARACTERS_PER_TOKEN);
  return estimate === 0 ? NONE : `≈ ${estimate}`;
}

/** Of the provider's own count when there is one; before that, an estimate that says so. */
function rate(
  { firstTokenMs, elapsedMs }: Flow,
  { isLoading, usage, completion, reasoning }: UseCompletionResult,
): string {
  const seconds = firstTokenMs === null ? 0 : (elapsedMs - firstTokenMs) / 1000;
  if (seconds < 0.2) return NONE;
  if (isLoading || usage?.outputTokens === undefined) {
    const estimate = (completion.length + reasoning.length) / CHARACTERS_PER_TOKEN / seconds;
    return `≈ ${estimate.toFixed(0)} tokens/s`;
  }
  // Reasoning that is not shown was over before the first text came.
  const hidden = reasoning === '' ? (usage.reasoningTokens ?? 0) : 0;
  return `${((usage.outputTokens - hidden) / seconds).toFixed(1)} tokens/s`;
}

function end({ isLoading, completion, reasoning, retry, error, finishReason }: UseCompletionResult): string {
  if (retry) return 'waiting to try again';
  if (isLoading) return completion === '' && reasoning === '' ? 'waiting' : 'flowing';
  if (error) return 'failed';
  return finishReason === undefined ? NONE : describeEnd(finishReason).label;
}
