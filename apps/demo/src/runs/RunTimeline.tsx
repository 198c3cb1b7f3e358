import type { RunEvent } from '@rivulet/core';
import './RunTimeline.css';

interface RunCourseProps {
  turns: readonly RunEvent[];
  /** From the start to the end, or to now. */
  elapsedMs: number;
}

const STRETCHES: Readonly<Record<string, string>> = {
  request: 'asking',
  retry: 'waiting',
  'first-content': 'answering',
};

/** What the time of a run went to, at a glance; the turns say it in words. */
export function RunCourse({ turns, elapsedMs }: RunCourseProps) {
  return (
    <span className="run-course" aria-hidden="true">
      {turns.map((turn, index) => {
        const kind = STRETCHES[turn.type];
        const endMs = turns[index + 1]?.elapsedMs ?? elapsedMs;
        return (
          kind !== undefined && (
            // Turns are only ever added.
            // oxlint-disable-next-line react/no-array-index-key
            <span key={index} data-kind={kind} style={{ flexGrow: Math.max(0, endMs - turn.elapsedMs) }} />
          )
        );
      })}
    </span>
  );
}
