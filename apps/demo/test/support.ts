import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { tmpdir } from 'node:os';
import { extname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { stripVTControlCharacters } from 'node:util';
import { chromium, type Browser, type Page } from 'playwright-core';
import { findChromium } from '../../../test/support/chromium.ts';

const demoFolder = fileURLToPath(new URL('..', import.meta.url));
const repositoryFolder = fileURLToPath(new URL('../../..', import.meta.url));

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

/** Runs one of Vite's commands in the demo's folder. */
function startVite(args: readonly string[], env: Record<string, string> = {}): Promise<Command> {
  return start(process.execPath, ['node_modules/vite/bin/vite.js', ...args], demoFolder, env);
}

export interface Preview extends Started {
  /** The folder with the built files. */
  outDir: string;
}

/** Builds the demo into a folder of its own and serves it with `vite preview`. */
export async function startPreview(
  env: Record<string, string> = {},
  previewEnv: Record<string, string> = {},
): Promise<Preview> {
  const outDir = await mkdtemp(join(tmpdir(), 'rivulet-demo-'));
  await build(outDir, env);
  const { url, stop } = await startVite(['preview', '--outDir', outDir], previewEnv);
  return {
    url,
    outDir,
    stop: async () => {
      await stop();
      await rm(outDir, { recursive: true });
    },
  };
}

/** Builds the demo for a plain host of files, and serves it from a folder of one. */
export async function startStatic(): Promise<Started & { requests: readonly string[] }> {
  const outDir = await mkdtemp(join(tmpdir(), 'rivulet-demo-'));
  await build(outDir, {}, ['--mode', 'static']);
  const requests: string[] = [];
  const server = createServer((req, res) => {
    requests.push(`${req.method} ${req.url}`);
    const path = /^\/some\/folder\/([\w./-]*)$/.exec(req.url ?? '')?.[1] ?? '..';
    const type = TYPES[extname(path || 'index.html')];
    readFile(join(outDir, path || 'index.html')).then(
      (content) => (type && !path.includes('..') ? res.setHeader('content-type', type).end(content) : notFound(res)),
      () => notFound(res),
    );
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/some/folder/`,
    requests,
    stop: async () => {
      server.closeAllConnections();
      server.close();
      await rm(outDir, { recursive: true });
    },
  };
}

const TYPES: Record<string, string> = {
  '.html': 'text/html',
  '.js': 'text/javascript',
  '.css': 'text/css',
  '.svg': 'image/svg+xml',
};

function notFound(res: ServerResponse): void {
  res.writeHead(404).end();
}

async function build(outDir: string, env: Record<string, string>, options: readonly string[] = []): Promise<void> {
  const args = ['node_modules/vite/bin/vite.js', 'build', '--outDir', outDir, '--emptyOutDir', ...options];
  const child = launch(process.execPath, args, demoFolder, env);
  const output = collect(child);
  const [code] = (await once(child, 'exit')) as [number | null];
  if (code !== 0) throw new Error(`The build failed:\n${output()}`);
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

export function launchBrowser(): Promise<Browser> {
  return chromium.launch(findChromium());
}

/** What the page complained about. A failed request that a test asked for is no complaint. */
export function collectComplaints(page: Page): string[] {
  const complaints: string[] = [];
  page.on('pageerror', (error) => complaints.push(error.message));
  page.on('console', (message) => {
    const isComplaint = message.type() === 'error' || message.type() === 'warning';
    if (isComplaint && !message.text().startsWith('Failed to load resource')) complaints.push(message.text());
  });
  return complaints;
}

export async function openDemo(page: Page, url: string): Promise<void> {
  await page.goto(url);
  await page.getByLabel('Prompt').waitFor();
}

export async function ask(page: Page, prompt: string): Promise<void> {
  await page.getByLabel('Prompt').fill(prompt);
  await page.getByLabel('Prompt').press('Enter');
}

export function answerText(page: Page): Promise<string> {
  return page.locator('.answer-text').innerText();
}

export async function waitForStatus(page: Page, text: string): Promise<void> {
  await page.getByRole('status').filter({ hasText: text }).waitFor();
}

/** Chooses an entry of one of the page's menus. */
export async function choose(page: Page, menu: string, label: string): Promise<void> {
  await page.getByLabel(menu, { exact: true }).selectOption({ label });
}
