import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import react from '@vitejs/plugin-react';
import { playwright } from '@vitest/browser-playwright';
import { defaultClientConditions, defaultServerConditions } from 'vite';
import { defineConfig } from 'vitest/config';
import type { BrowserConfigOptions, TypecheckConfig } from 'vitest/node';
import { browserCommands } from './test/support/browser-commands.ts';
import { findChromium } from './test/support/chromium.ts';

const root = fileURLToPath(new URL('.', import.meta.url));

// Workspace packages resolve to their sources, so tests need no build.
const resolve = { conditions: ['source', ...defaultClientConditions] };
const nodeConditions = { conditions: ['source', ...defaultServerConditions] };
const nodeResolve = { resolve: nodeConditions, ssr: { resolve: nodeConditions } };

// Made anew for each project: Vitest writes into it.
const inChromium = (): BrowserConfigOptions => ({
  enabled: true,
  headless: true,
  screenshotFailures: false,
  provider: playwright({ launchOptions: findChromium() }),
  instances: [{ browser: 'chromium' }],
  commands: browserCommands,
});

// Errors outside of the type tests are for `pnpm typecheck` to report.
const typeTests = (
  folder: string,
  tsconfig = 'tsconfig.types.json',
  include = 'test/**/*.test-d.{ts,tsx}',
): Partial<TypecheckConfig> => ({
  enabled: true,
  include: [`${folder}/${include}`],
  tsconfig: `${folder}/${tsconfig}`,
  ignoreSourceErrors: true,
});

// Nothing takes long, but the machine may be busy with something else.
const testTimeout = 30_000;

const loadChunks = './packages/core/test/support/load-chunks.ts';
const modelServer = ['./test/support/model-server.ts'];
const reactTests = ['packages/react/test/**/*.test.{ts,tsx}', 'test/**/*.browser.test.{ts,tsx}'];
const serverTests = ['packages/react/test/**/*.node.test.{ts,tsx}'];

// Found before the first test, so that no test waits for the dependency optimizer and its reload.
const optimizedForCore = ['@rivulet/core > eventsource-parser', '@rivulet/core > idb-keyval'];
const optimizedForReact = [
  ...optimizedForCore,
  '@hookform/resolvers/zod',
  '@rivulet/react > react-markdown',
  '@rivulet/react > rehype-katex',
  '@rivulet/react > rehype-raw',
  '@rivulet/react > rehype-sanitize',
  '@rivulet/react > remark-cjk-friendly',
  '@rivulet/react > remark-cjk-friendly-gfm-strikethrough',
  '@rivulet/react > remark-gfm',
  '@rivulet/react > remark-math',
  '@tanstack/query-persist-client-core',
  '@tanstack/react-query',
  '@tanstack/react-router',
  '@testing-library/react',
  '@testing-library/user-event',
  'react',
  'react-dom',
  'react-dom/client',
  'react-hook-form',
  'react/jsx-dev-runtime',
  'react/jsx-runtime',
  'zod',
];

export default defineConfig({
  test: {
    // By default one core is left free, which of two is half: tests wait more than they work.
    maxWorkers: Math.max(2, availableParallelism() - 1),
    projects: [
      {
        ...nodeResolve,
        root,
        test: {
          name: 'core',
          testTimeout,
          environment: 'node',
          include: ['packages/core/test/**/*.test.ts'],
          exclude: ['**/*.browser.test.ts'],
          setupFiles: [loadChunks],
          globalSetup: modelServer,
          // Node would take the condition `source` for packages of others too, and not read what it finds there.
          server: { deps: { inline: ['ai', /@ai-sdk/] } },
          typecheck: typeTests('packages/core'),
        },
      },
      {
        resolve,
        optimizeDeps: { include: optimizedForCore },
        root,
        cacheDir: 'node_modules/.vite/core-browser',
        test: {
          name: 'core-browser',
          testTimeout,
          include: ['packages/core/test/**/*.browser.test.ts'],
          setupFiles: [loadChunks],
          globalSetup: modelServer,
          browser: inChromium(),
        },
      },
      {
        plugins: [react()],
        resolve: { ...resolve, dedupe: ['react', 'react-dom', '@tanstack/react-query'] },
        optimizeDeps: { include: optimizedForReact },
        root,
        cacheDir: 'node_modules/.vite/react',
        test: {
          name: 'react',
          testTimeout,
          include: reactTests,
          exclude: serverTests,
          setupFiles: [loadChunks, './test/support/testing-library.ts'],
          globalSetup: modelServer,
          browser: inChromium(),
        },
      },
      {
        plugins: [react()],
        resolve: {
          ...resolve,
          alias: [
            // The oldest one that is supported.
            { find: /^react-hook-form$/, replacement: `${root}node_modules/react-hook-form-floor` },
            { find: /^react-dom(?=\/|$)/, replacement: `${root}node_modules/react-dom-18` },
            { find: /^react(?=\/|$)/, replacement: `${root}node_modules/react-18` },
            // The oldest supported version beside the oldest React; the newest stand in the project before.
            { find: /^@tanstack\/react-query$/, replacement: `${root}node_modules/react-query-5-90` },
            {
              find: /^@tanstack\/query-persist-client-core$/,
              replacement: `${root}node_modules/query-persist-client-core-5-90`,
            },
          ],
        },
        optimizeDeps: { include: optimizedForReact },
        root,
        cacheDir: 'node_modules/.vite/react-18',
        test: {
          name: 'react-18',
          testTimeout,
          include: reactTests,
          exclude: serverTests,
          setupFiles: [loadChunks, './test/support/testing-library.ts'],
          globalSetup: modelServer,
          typecheck: typeTests(
            'packages/react',
            'tsconfig.types-5-90.json',
            'test/{query,react-hook-form}/*.test-d.tsx',
          ),
          browser: inChromium(),
        },
      },
      {
        ...nodeResolve,
        plugins: [react()],
        root,
        test: {
          name: 'react-server',
          testTimeout,
          environment: 'node',
          include: serverTests,
          globalSetup: modelServer,
          typecheck: typeTests('packages/react'),
        },
      },
      {
        ...nodeResolve,
        root,
        test: {
          name: 'demo',
          environment: 'node',
          include: ['apps/demo/test/**/*.test.ts'],
          globalSetup: ['./apps/demo/test/support/builds.ts'],
          // Each file has a browser and a server: few at a time, and when the other projects are done.
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
          testTimeout: 60_000,
          hookTimeout: 120_000,
        },
      },
      {
        ...nodeResolve,
        plugins: [react()],
        root,
        test: {
          name: 'docs',
          environment: 'node',
          include: ['test/**/*.test.{ts,tsx}'],
          exclude: ['**/*.browser.test.{ts,tsx}'],
          globalSetup: modelServer,
          testTimeout,
        },
      },
    ],
  },
});
