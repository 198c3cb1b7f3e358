import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';
import { contentSecurityPolicy } from './server/content-security-policy.ts';
import { llm } from './server/plugin.ts';

// One address family by name: with `localhost`, Node and the browser may pick different ones.
const host = '127.0.0.1';

// `static` builds the demo for a host that serves nothing but files, in whatever folder they are put.
export default defineConfig(({ mode }) => ({
  ...(mode === 'static' && { base: './' }),
  plugins: [react(), llm(), contentSecurityPolicy()],
  // Workspace packages are read from their sources; no build is needed first.
  resolve: { conditions: ['source', 'module', 'browser', 'development|production'] },
  // Found before the first visit, so that no page is reloaded while it is in use.
  optimizeDeps: {
    include: [
      'react',
      'react-dom/client',
      'react/jsx-dev-runtime',
      '@tanstack/react-query',
      '@tanstack/react-query-devtools/production',
      '@tanstack/react-virtual',
      'papaparse',
      'react-hook-form',
      'zod',
      '@rivulet/react > react-markdown',
      '@rivulet/react > remark-gfm',
      '@rivulet/core > eventsource-parser',
      '@rivulet/core > idb-keyval',
    ],
  },
  // No other origin reads what is served here, not even another page on this machine.
  server: { host, port: 5173, cors: false },
  preview: { host, port: 4173, cors: false },
  build: { target: 'es2022', sourcemap: false, outDir: mode === 'static' ? 'dist-static' : 'dist' },
}));
