import { fork, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { bundleForNode } from './bundle.ts';

export interface ContestantProcesses<Name extends string> {
  /** Has one of them measure, and gives what it took. Throws if its process ended. */
  measure(name: Name, task?: object): Promise<number>;
  /** Has all of them measure in turn, round after round. The rounds to warm up are not in what it gives. */
  sample(warmUp: number, rounds: number): Promise<ReadonlyMap<Name, readonly number[]>>;
  stop(): void;
}

/**
 * Starts `program` once for each name, which is its last argument: in a shared process each would run in code that the
 * others have shaped. It answers each message with what it measured.
 */
export async function startContestants<Name extends string>(
  program: URL,
  names: readonly Name[],
  { args = [], execArgv = [] }: { readonly args?: readonly unknown[]; readonly execArgv?: readonly string[] } = {},
): Promise<ContestantProcesses<Name>> {
  const file = await bundleForNode(program);
  const processes = new Map(
    names.map((name) => [name, fork(file, [...args.map(String), name], { execArgv: ['--expose-gc', ...execArgv] })]),
  );

  function measure(name: Name, task: object = {}): Promise<number> {
    const process = processes.get(name)!;
    process.send(task);
    return messageOf(process);
  }

  return {
    measure,
    async sample(warmUp, rounds) {
      const samples = new Map(names.map((name) => [name, [] as number[]]));
      for (let round = -warmUp; round < rounds; round += 1) {
        for (const name of names) {
          const measured = await measure(name);
          if (round >= 0) samples.get(name)!.push(measured);
        }
      }
      return samples;
    },
    stop() {
      for (const process of processes.values()) process.disconnect();
    },
  };
}

/** The next message of a process. Throws if it ends before. */
export async function messageOf(process: ChildProcess): Promise<number> {
  const stop = new AbortController();
  const { signal } = stop;
  const failed = once(process, 'exit', { signal }).then(() => {
    throw new Error(`${process.spawnargs.at(-1)} failed.`);
  });
  const [message] = (await Promise.race([once(process, 'message', { signal }), failed])) as [number];
  failed.catch(() => undefined);
  stop.abort();
  return message;
}
