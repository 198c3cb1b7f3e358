import { setImmediate as nextTask } from 'node:timers/promises';
import { pollution } from '../../packages/core/test/support/well-formed-answer.ts';

/** Plays random cases. A case depends on its seed alone. */
export interface Fuzzer {
  readonly name: string;
  /** Returns the promises that do not hold in this case. A throw is a problem, too. */
  readonly run: (seed: number) => Promise<readonly string[]>;
  /** How many cases `pnpm test` plays. 0 if other tests play cases of the same kind. */
  readonly casesInTests: number;
}

/** A case may take so long, in ms. */
const PATIENCE_MS = 60_000;

/** Plays one case, and watches what happens outside of it: unhandled rejections, and changes of `Object.prototype`. */
export async function playCase({ run }: Fuzzer, seed: number): Promise<readonly string[]> {
  const problems: string[] = [];
  const onRejection = (reason: unknown): void => void problems.push(`unhandled rejection: ${described(reason)}`);
  const onException = (error: unknown): void => void problems.push(`uncaught exception: ${described(error)}`);
  process.on('unhandledRejection', onRejection);
  process.on('uncaughtException', onException);
  let timer: ReturnType<typeof setTimeout> | undefined;
  const timeout = new Promise<readonly string[]>((resolve) => {
    timer = setTimeout(() => resolve([`does not settle within ${PATIENCE_MS / 1000} s`]), PATIENCE_MS);
  });
  try {
    problems.push(...(await Promise.race([run(seed), timeout])));
  } catch (error) {
    problems.push(`throws ${described(error)}`);
  }
  clearTimeout(timer);
  // Rejections count as unhandled after the microtasks of a task.
  await nextTask();
  await nextTask();
  process.off('unhandledRejection', onRejection);
  process.off('uncaughtException', onException);
  for (const name of pollution()) {
    problems.push(`Object.prototype has the property ${name}`);
    Reflect.deleteProperty(Object.prototype, name);
  }
  return problems;
}

/** A value that may be anything, as text. */
export function described(value: unknown): string {
  try {
    if (value instanceof Error) return String(value.stack).split('\n').slice(0, 9).join('\n    ');
    return `${typeof value} ${JSON.stringify(value)?.slice(0, 200)}`;
  } catch {
    return `an unreadable ${typeof value}`;
  }
}
