import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';

const demoFolder = fileURLToPath(new URL('../..', import.meta.url));
const repositoryFolder = fileURLToPath(new URL('../../../..', import.meta.url));

export interface Started {
  /** The first http address that the command printed, without a slash at the end. */
  url: string;
  stop: () => Promise<void>;
}

export interface Command extends Started {
  /** What it has printed so far. */
  output: () => string;
}

/** Starts the demo as a user does. A key of the developer's own environment stays out of it. */
export function startDev(env: Record<string, string> = {}): Promise<Command> {
  const [command, ...args] = pnpm();
  return start(command, [...args, 'dev'], repositoryFolder, env);
}

/** Runs one of Vite's commands in the demo's folder until it is stopped. */
export function startVite(args: readonly string[], env: Record<string, string> = {}): Promise<Command> {
  return start(process.execPath, ['node_modules/vite/bin/vite.js', ...args], demoFolder, env);
}

/** Runs one of Vite's commands in the demo's folder to its end. */
export async function runVite(args: readonly string[], env: Record<string, string> = {}): Promise<void> {
  const child = launch(process.execPath, ['node_modules/vite/bin/vite.js', ...args], demoFolder, env);
  const output = collect(child);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`vite ${args.join(' ')} failed:\n${output()}`);
}

/** The pnpm that runs the tests, or the one that the README names. */
function pnpm(): [string, ...string[]] {
  const path = process.env['npm_execpath'] ?? '';
  if (!/pnpm/.test(path)) return ['npx', '-y', 'pnpm@12'];
  return /\.[cm]?js$/.test(path) ? [process.execPath, path] : [path];
}

async function start(
  command: string,
  args: readonly string[],
  cwd: string,
  env: Record<string, string>,
): Promise<Command> {
  const child = launch(command, args, cwd, env);
  const output = collect(child);
  const stop = async (): Promise<void> => {
    if (child.exitCode !== null || child.signalCode !== null || child.pid === undefined) return;
    const exit = once(child, 'exit');
    // The whole group: the command starts others.
    process.kill(-child.pid, 'SIGTERM');
    await exit;
  };
  const url = await new Promise<string>((resolve, reject) => {
    const look = (): void => {
      const address = /https?:\/\/[^\s/]+/.exec(output())?.[0];
      if (address) resolve(address);
    };
    child.stdout?.on('data', look);
    child.once('error', reject);
    child.once('exit', () => reject(new Error(`${command} ended before it printed an address:\n${output()}`)));
  });
  return { url, stop, output };
}

function launch(command: string, args: readonly string[], cwd: string, env: Record<string, string>): ChildProcess {
  return spawn(command, args, {
    cwd,
    detached: true,
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, NODE_ENV: '', OPENAI_API_KEY: '', OPENAI_BASE_URL: '', OPENAI_MODEL: '', ...env },
  });
}

function collect(child: ChildProcess): () => string {
  let output = '';
  for (const stream of [child.stdout, child.stderr]) {
    stream?.on('data', (chunk: Buffer) => {
      output += stripVTControlCharacters(chunk.toString());
    });
  }
  return () => output;
}
