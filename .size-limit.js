// Minified and gzipped (not brotli) size of the built packages as esbuild bundles them, in kB of 1000 bytes,
// without React, zod and React Query, which the app brings itself. A provider of a model server may add 10 kB to the client,
// for the ways in which servers differ. What a page does not need to render is in chunks of their own.
const peers = ['react', 'react-dom', 'react-hook-form', 'zod', '@tanstack/react-query'];

// Chunks that a page loads after its first render, or when it needs them. They have budgets of their own below.
const chunks = [
  '*/strategy.js',
  '*/prepare-tools.js',
  '*/openai-wire.js',
  '*/http-error.js',
  '*/unsupported-params.js',
  '*/prepare-files.js',
  '*/file-content.js',
  '*/stream-response.js',
  '*/local-checks.js',
  '*/turns.js',
  '*/execute-request.js',
];

const measure = { gzip: true, ignore: [...peers, ...chunks] };

/** @type {import('size-limit').SizeLimitConfig} */
export default [
  {
    ...measure,
    name: 'LLMClient + openai',
    path: ['packages/core/dist/index.js', 'packages/core/dist/providers/openai/openai.js'],
    import: {
      'packages/core/dist/index.js': '{ LLMClient }',
      'packages/core/dist/providers/openai/openai.js': '{ openai }',
    },
    limit: '9.2 kB',
  },
  {
    ...measure,
    name: 'LLMClient + openaiResponses',
    path: ['packages/core/dist/index.js', 'packages/core/dist/providers/openai-responses/openai-responses.js'],
    import: {
      'packages/core/dist/index.js': '{ LLMClient }',
      'packages/core/dist/providers/openai-responses/openai-responses.js': '{ openaiResponses }',
    },
    limit: '19.05 kB',
  },
  {
    ...measure,
    name: 'LLMClient + scripted',
    path: ['packages/core/dist/index.js', 'packages/core/dist/providers/scripted.js'],
    import: {
      'packages/core/dist/index.js': '{ LLMClient }',
      'packages/core/dist/providers/scripted.js': '{ scripted }',
    },
    limit: '8.9 kB',
  },
  {
    ...measure,
    name: 'LLMClient + gemini',
    path: ['packages/core/dist/index.js', 'packages/core/dist/providers/gemini/gemini.js'],
    import: {
      'packages/core/dist/index.js': '{ LLMClient }',
      'packages/core/dist/providers/gemini/gemini.js': '{ gemini }',
    },
    limit: '17.2 kB',
  },
  {
    ...measure,
    name: 'LLMClient + ollama',
    path: ['packages/core/dist/index.js', 'packages/core/dist/providers/ollama.js'],
    import: {
      'packages/core/dist/index.js': '{ LLMClient }',
      'packages/core/dist/providers/ollama.js': '{ ollama }',
    },
    limit: '15.9 kB',
  },
  {
    ...measure,
    name: 'LLMClient + anthropic',
    path: ['packages/core/dist/index.js', 'packages/core/dist/providers/anthropic/anthropic.js'],
    import: {
      'packages/core/dist/index.js': '{ LLMClient }',
      'packages/core/dist/providers/anthropic/anthropic.js': '{ anthropic }',
    },
    limit: '18.85 kB',
  },
  {
    ...measure,
    name: 'LLMClient + uiMessageStream',
    path: ['packages/core/dist/index.js', 'packages/core/dist/providers/ui-message-stream/ui-message-stream.js'],
    import: {
      'packages/core/dist/index.js': '{ LLMClient }',
      'packages/core/dist/providers/ui-message-stream/ui-message-stream.js': '{ uiMessageStream }',
    },
    limit: '14.95 kB',
  },
  {
    ...measure,
    name: 'LLMClient + agui',
    path: ['packages/core/dist/index.js', 'packages/core/dist/providers/ag-ui/ag-ui.js'],
    import: {
      'packages/core/dist/index.js': '{ LLMClient }',
      'packages/core/dist/providers/ag-ui/ag-ui.js': '{ agui }',
    },
    limit: '19.7 kB',
  },
  {
    ...measure,
    name: 'LLMClient + plainText',
    path: ['packages/core/dist/index.js', 'packages/core/dist/providers/plain-text.js'],
    import: {
      'packages/core/dist/index.js': '{ LLMClient }',
      'packages/core/dist/providers/plain-text.js': '{ plainText }',
    },
    limit: '10.5 kB',
  },
  {
    ...measure,
    name: 'IncrementalJsonParser',
    path: 'packages/core/dist/index.js',
    import: '{ IncrementalJsonParser }',
    limit: '3.05 kB',
  },
  {
    ...measure,
    name: 'extractJson',
    path: 'packages/core/dist/index.js',
    import: '{ extractJson }',
    limit: '9.65 kB',
  },
  {
    ...measure,
    name: 'batchProcess',
    path: 'packages/core/dist/index.js',
    import: '{ batchProcess }',
    limit: '3.6 kB',
  },
  {
    ...measure,
    name: 'LLMClient + openai + batch',
    path: ['packages/core/dist/index.js', 'packages/core/dist/providers/openai/openai.js'],
    import: {
      'packages/core/dist/index.js': '{ LLMClient, batch }',
      'packages/core/dist/providers/openai/openai.js': '{ openai }',
    },
    limit: '16.15 kB',
  },
  {
    ...measure,
    name: 'useCompletion + LLMClient + openai',
    path: [
      'packages/react/dist/index.js',
      'packages/core/dist/index.js',
      'packages/core/dist/providers/openai/openai.js',
    ],
    import: {
      'packages/react/dist/index.js': '{ useCompletion }',
      'packages/core/dist/index.js': '{ LLMClient }',
      'packages/core/dist/providers/openai/openai.js': '{ openai }',
    },
    limit: '10.45 kB',
  },
  {
    ...measure,
    name: 'useBatch + LLMClient + openai',
    path: [
      'packages/react/dist/index.js',
      'packages/core/dist/index.js',
      'packages/core/dist/providers/openai/openai.js',
    ],
    import: {
      'packages/react/dist/index.js': '{ useBatch }',
      'packages/core/dist/index.js': '{ LLMClient }',
      'packages/core/dist/providers/openai/openai.js': '{ openai }',
    },
    limit: '17.35 kB',
  },
  {
    ...measure,
    name: 'createMarkdownSplitter + closeOpenMarkdown',
    path: 'packages/core/dist/markdown/index.js',
    import: '{ createMarkdownSplitter, closeOpenMarkdown }',
    limit: '9.65 kB',
  },
  {
    ...measure,
    name: 'StreamingMarkdown, without react-markdown and remark-gfm',
    path: 'packages/react/dist/markdown/index.js',
    import: '{ StreamingMarkdown }',
    ignore: [...measure.ignore, 'react-markdown', 'remark-gfm'],
    limit: '13.1 kB',
  },
  {
    ...measure,
    name: 'useStickToBottom',
    path: 'packages/react/dist/index.js',
    import: '{ useStickToBottom }',
    limit: '1 kB',
  },
  {
    ...measure,
    name: 'useAnnouncer',
    path: 'packages/react/dist/index.js',
    import: '{ useAnnouncer }',
    limit: '1.15 kB',
  },
  {
    ...measure,
    name: 'useEscape + isImeEvent',
    path: 'packages/react/dist/index.js',
    import: '{ useEscape, isImeEvent }',
    limit: '0.6 kB',
  },
  {
    ...measure,
    name: 'LLMClient + openai + streamObject',
    path: ['packages/core/dist/index.js', 'packages/core/dist/providers/openai/openai.js'],
    import: {
      'packages/core/dist/index.js': '{ LLMClient, streamObject }',
      'packages/core/dist/providers/openai/openai.js': '{ openai }',
    },
    limit: '11.25 kB',
  },
  {
    ...measure,
    name: 'useObject + LLMClient + openai',
    path: [
      'packages/react/dist/index.js',
      'packages/core/dist/index.js',
      'packages/core/dist/providers/openai/openai.js',
    ],
    import: {
      'packages/react/dist/index.js': '{ useObject }',
      'packages/core/dist/index.js': '{ LLMClient }',
      'packages/core/dist/providers/openai/openai.js': '{ openai }',
    },
    limit: '12.4 kB',
  },
  {
    ...measure,
    name: 'useObjectForm + LLMClient + openai',
    path: [
      'packages/react/dist/react-hook-form/index.js',
      'packages/core/dist/index.js',
      'packages/core/dist/providers/openai/openai.js',
    ],
    import: {
      'packages/react/dist/react-hook-form/index.js': '{ useObjectForm, useObjectFormField, useObjectFieldArray }',
      'packages/core/dist/index.js': '{ LLMClient }',
      'packages/core/dist/providers/openai/openai.js': '{ openai }',
    },
    limit: '24.6 kB',
  },
  {
    gzip: true,
    name: 'the chunk that speaks Chat Completions, loaded beside the page',
    path: 'packages/core/dist/providers/openai/openai-wire.js',
    limit: '19.25 kB',
  },
  {
    gzip: true,
    name: 'the chunk that sends requests and reads their answers, loaded beside the page',
    path: 'packages/core/dist/run/stream-response.js',
    ignore: chunks.filter((chunk) => chunk !== '*/stream-response.js'),
    limit: '9.75 kB',
  },
  {
    gzip: true,
    name: 'the chunk that checks and executes requests, loaded beside the page',
    path: 'packages/core/dist/client/execute-request.js',
    ignore: chunks.filter((chunk) => chunk !== '*/execute-request.js'),
    limit: '8.4 kB',
  },
  {
    gzip: true,
    name: 'the chunk that runs the turns of a chat, loaded beside the page',
    path: 'packages/core/dist/chat/turns.js',
    ignore: chunks.filter((chunk) => chunk !== '*/turns.js'),
    limit: '8.25 kB',
  },
  {
    gzip: true,
    name: 'the chunk that reads failures, loaded with the first one',
    path: 'packages/core/dist/transport/http-error.js',
    limit: '4.75 kB',
  },
  {
    gzip: true,
    name: 'the chunk that answers refused fields, loaded with the first refusal',
    path: 'packages/core/dist/run/unsupported-params.js',
    limit: '3.95 kB',
  },
  {
    gzip: true,
    name: 'the chunk that reads files, loaded with the first one',
    path: 'packages/core/dist/providers/shared/prepare-files.js',
    limit: '3.35 kB',
  },
  {
    gzip: true,
    name: 'what asks for objects and reads them, loaded after the first render',
    path: 'packages/core/dist/object/strategy.js',
    import: '{ planObject }',
    limit: '14.85 kB',
  },
  {
    ...measure,
    name: 'useObject + LLMClient + openai, in one file',
    path: [
      'packages/react/dist/index.js',
      'packages/core/dist/index.js',
      'packages/core/dist/providers/openai/openai.js',
    ],
    import: {
      'packages/react/dist/index.js': '{ useObject }',
      'packages/core/dist/index.js': '{ LLMClient }',
      'packages/core/dist/providers/openai/openai.js': '{ openai }',
    },
    ignore: ['react'],
    limit: '62.45 kB',
  },
  {
    ...measure,
    name: 'useChat + LLMClient + openai',
    path: [
      'packages/react/dist/index.js',
      'packages/core/dist/index.js',
      'packages/core/dist/providers/openai/openai.js',
    ],
    import: {
      'packages/react/dist/index.js': '{ useChat, useMessage }',
      'packages/core/dist/index.js': '{ LLMClient }',
      'packages/core/dist/providers/openai/openai.js': '{ openai }',
    },
    limit: '16.35 kB',
  },
  {
    ...measure,
    name: 'useChat + tool + LLMClient + openai',
    path: [
      'packages/react/dist/index.js',
      'packages/core/dist/index.js',
      'packages/core/dist/chat/index.js',
      'packages/core/dist/providers/openai/openai.js',
    ],
    import: {
      'packages/react/dist/index.js': '{ useChat, useMessage }',
      'packages/core/dist/index.js': '{ LLMClient }',
      'packages/core/dist/chat/index.js': '{ tool }',
      'packages/core/dist/providers/openai/openai.js': '{ openai }',
    },
    limit: '21.2 kB',
  },
  {
    ...measure,
    name: 'completionQueryOptions + useCompletionQuery',
    path: 'packages/react/dist/query/index.js',
    import: '{ completionQueryOptions, useCompletionQuery }',
    limit: '2.25 kB',
  },
  {
    ...measure,
    name: 'objectQueryOptions + useObjectQuery',
    path: 'packages/react/dist/query/index.js',
    import: '{ objectQueryOptions, useObjectQuery }',
    limit: '6.45 kB',
  },
];
