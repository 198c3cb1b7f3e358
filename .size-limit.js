// Minified and gzipped (not brotli) size of the built packages as esbuild bundles them, in kB of 1000 bytes,
// without React, zod and React Query, which the app brings itself.
const measure = {
  gzip: true,
  ignore: ['react', 'react-dom', 'zod', '@tanstack/react-query'],
};

/** @type {import('size-limit').SizeLimitConfig} */
export default [
  {
    ...measure,
    name: 'LLMClient + openai',
    path: ['packages/core/dist/index.js', 'packages/core/dist/providers/openai.js'],
    import: {
      'packages/core/dist/index.js': '{ LLMClient }',
      'packages/core/dist/providers/openai.js': '{ openai }',
    },
    limit: '8.5 kB',
  },
  {
    ...measure,
    name: 'useCompletion + LLMClient + openai',
    path: ['packages/react/dist/index.js', 'packages/core/dist/index.js', 'packages/core/dist/providers/openai.js'],
    import: {
      'packages/react/dist/index.js': '{ useCompletion }',
      'packages/core/dist/index.js': '{ LLMClient }',
      'packages/core/dist/providers/openai.js': '{ openai }',
    },
    limit: '9.5 kB',
  },
];
