import { LLMClient, type FilePart, type HttpProvider, type MessageInput } from '@rivulet/core';
import { anthropic } from '@rivulet/core/anthropic';
import { gemini } from '@rivulet/core/gemini';
import { ollama } from '@rivulet/core/ollama';
import { openai } from '@rivulet/core/openai';
import { openaiResponses } from '@rivulet/core/openai-responses';
import { describe, expect, it } from 'vitest';
import { startHttpServer } from '../../../../../test/support/http-server.ts';
import { failureOf } from '../../support/client.ts';
import { WIRES as REFUSING } from '../../support/refusing-server.ts';

type MakeProvider = (baseURL: string) => HttpProvider;

/** A provider, and where the content of its last user message is in the body. */
interface Wire {
  readonly name: string;
  readonly provider: MakeProvider;
  /** Text of the last user message, with the name of each file. */
  textOf(body: Body): string;
}

interface Body {
  readonly messages?: readonly { readonly content: unknown }[];
  readonly input?: readonly { readonly content: unknown }[];
  readonly contents?: readonly { readonly parts: unknown }[];
}

interface Piece {
  readonly text?: string;
  readonly title?: string;
  readonly source?: { readonly type: string; readonly data: string };
}

function joined(content: unknown): string {
  if (typeof content === 'string') return content;
  return (content as readonly Piece[])
    .map(({ text, title, source }) => text ?? (source?.type === 'text' ? `${title}\n${source.data}` : ''))
    .join('');
}

const WIRES: readonly Wire[] = [
  {
    name: 'openai',
    provider: (baseURL) => openai({ baseURL }),
    textOf: ({ messages }) => joined(messages?.at(-1)?.content),
  },
  {
    name: 'openaiResponses',
    provider: (baseURL) => openaiResponses({ baseURL }),
    textOf: ({ input }) => joined(input?.at(-1)?.content),
  },
  {
    name: 'anthropic',
    provider: (baseURL) => anthropic({ baseURL }),
    textOf: ({ messages }) => joined(messages?.at(-1)?.content),
  },
  {
    name: 'gemini',
    provider: (baseURL) => gemini({ baseURL }),
    textOf: ({ contents }) => joined(contents?.at(-1)?.parts),
  },
  {
    name: 'ollama',
    provider: (baseURL) => ollama({ baseURL }),
    textOf: ({ messages }) => joined(messages?.at(-1)?.content),
  },
];

function base64(text: string | Uint8Array): string {
  return Buffer.from(text).toString('base64');
}

function utf16(text: string): Uint8Array {
  return Buffer.concat([Buffer.from([0xff, 0xfe]), Buffer.from(text, 'utf16le')]);
}

const TEXT = 'größer: "5"\n{"a": [1, 2]}\n';

/** Files that are text, by type, ending or bytes. */
const TEXT_FILES: readonly (Partial<FilePart> & { readonly filename: string })[] = [
  { filename: 'notes.md', mediaType: 'text/markdown' },
  { filename: 'notes.md', mediaType: '' },
  { filename: 'table.csv', mediaType: 'text/csv;charset=utf-8' },
  { filename: 'table.csv', mediaType: 'application/vnd.ms-excel' },
  { filename: 'data.json', mediaType: 'application/json' },
  { filename: 'feed', mediaType: 'application/rss+xml' },
  { filename: 'config.yaml', mediaType: 'application/x-yaml' },
  { filename: 'drawing.svg', mediaType: 'image/svg+xml' },
  { filename: 'main.rs', mediaType: '' },
  { filename: 'main.ts', mediaType: 'video/mp2t' },
  { filename: 'Makefile', mediaType: 'application/octet-stream' },
  { filename: 'script.sh', mediaType: 'application/x-sh' },
  { filename: 'unknown.xyz', mediaType: 'application/x-something' },
  { filename: 'go.mod', mediaType: 'audio/x-mod' },
  { filename: 'key.pem', mediaType: 'application/x-x509-ca-cert' },
  { filename: 'utf16be.csv', mediaType: 'text/csv', data: base64(Buffer.from(utf16(TEXT)).swap16()) },
  { filename: 'utf16.txt', mediaType: 'text/plain', data: base64(utf16(TEXT)) },
  { filename: 'utf16.log', mediaType: '', data: base64(utf16(TEXT)) },
  { filename: 'latin1.txt', mediaType: 'text/plain', data: base64(Buffer.from(TEXT, 'latin1')) },
  { filename: 'latin1.sql', mediaType: '', data: base64(Buffer.from(TEXT, 'latin1')) },
  { filename: 'url.txt', mediaType: 'text/plain', url: `data:text/plain,${encodeURIComponent(TEXT)}` },
  { filename: 'url64.txt', mediaType: '', url: `data:text/plain;charset=utf-8;base64,${base64(TEXT)}` },
];

const WORD = 'application/vnd.openxmlformats-officedocument.wordprocessingml.document';
const BINARY = base64(Uint8Array.of(0x50, 0x4b, 3, 4, 0, 0, 0xff, 0xd8));

async function bodiesFor(provider: MakeProvider, messages: readonly MessageInput[]): Promise<Body> {
  await using server = await startHttpServer({ status: 400, chunks: [{ text: '{}' }] });
  const client = new LLMClient({ provider: provider(server.url), model: 'model-1', retry: false });
  await failureOf(client.complete({ messages }));
  return JSON.parse(server.requests[0]!.body) as Body;
}

function asking(...parts: readonly FilePart[]): readonly MessageInput[] {
  return [{ role: 'user', parts: [...parts, { type: 'text', text: 'What is in it?' }] }];
}

describe.each(WIRES)('$name', ({ provider, textOf }) => {
  it.each(TEXT_FILES)('sends $filename ($mediaType) as text with its name', async (file) => {
    const part: FilePart = { type: 'file', mediaType: '', ...(!file.url && { data: base64(TEXT) }), ...file };

    const text = textOf(await bodiesFor(provider, asking(part)));

    expect(text).toContain(TEXT);
    expect(text).toContain(file.filename);
    expect(text.endsWith('What is in it?')).toBe(true);
  });

  it('sends an empty text file', async () => {
    const part: FilePart = { type: 'file', mediaType: 'text/plain', filename: 'empty.txt', data: '' };

    expect(textOf(await bodiesFor(provider, asking(part)))).toContain('empty.txt');
  });

  it('keeps the quotes of a file name from ending its attribute', async () => {
    const part: FilePart = { type: 'file', mediaType: 'text/plain', filename: 'a"><x y="\n.txt', data: base64(TEXT) };

    expect(JSON.stringify(await bodiesFor(provider, asking(part)))).not.toContain('name=\\"a\\">');
  });

  it('rejects a file without data and url, and names it', async () => {
    const client = new LLMClient({ provider: provider('http://127.0.0.1:1'), model: 'model-1', retry: false });
    const part: FilePart = { type: 'file', mediaType: 'image/png', filename: 'cat.png' };

    expect(await failureOf(client.complete({ messages: asking(part) }))).toMatchObject({
      code: 'invalid_request',
      message: expect.stringContaining('cat.png'),
    });
  });
});

it.each([
  ['anthropic', anthropic, { mediaType: 'application/zip', data: BINARY, filename: 'a.zip' }],
  ['anthropic', anthropic, { mediaType: 'audio/wav', data: BINARY, filename: 'a.wav' }],
  ['anthropic', anthropic, { mediaType: 'application/zip', data: base64('empty'), filename: 'a.zip' }],
  ['ollama', ollama, { mediaType: WORD, data: base64('empty'), filename: 'a.docx' }],
  ['anthropic', anthropic, { mediaType: 'text/plain', url: 'https://files.example/a.txt' }],
  ['ollama', ollama, { mediaType: 'application/pdf', data: base64('%PDF-1.7\n'), filename: 'a.pdf' }],
  ['ollama', ollama, { mediaType: 'application/octet-stream', data: BINARY, filename: 'a.bin' }],
  ['ollama', ollama, { mediaType: 'image/png', url: 'https://files.example/a.png' }],
] as const)(
  '%s rejects an unsupported file at once and sends it as a note in history: %#',
  async (_, factory, file) => {
    const provider: MakeProvider = (baseURL) => factory({ baseURL });
    const part: FilePart = { type: 'file', ...file };
    const name = part.filename ?? part.url!;
    const client = new LLMClient({ provider: provider('http://127.0.0.1:1'), model: 'model-1', retry: false });

    const error = await failureOf(client.complete({ messages: asking(part) }));
    const body = await bodiesFor(provider, [
      ...asking(part),
      { role: 'assistant', content: 'I cannot tell.' },
      { role: 'user', content: 'Never mind.' },
    ]);

    expect(error).toMatchObject({ code: 'invalid_request', message: expect.stringContaining(name) });
    expect(error).toMatchObject({ message: expect.stringContaining('text files') });
    expect(JSON.stringify(body.messages?.[0])).toContain(name);
    expect(JSON.stringify(body)).not.toContain(BINARY);
  },
);

it('sends audio to Chat Completions in the form that the wire has for it', async () => {
  const body = await bodiesFor(WIRES[0]!.provider, asking({ type: 'file', mediaType: 'audio/mpeg', data: BINARY }));

  expect(body.messages?.[0]?.content).toMatchObject([
    { type: 'input_audio', input_audio: { data: BINARY, format: 'mp3' } },
    { type: 'text' },
  ]);
});

it('sends an SVG as text and other images as images', async () => {
  const { messages } = await bodiesFor(
    (baseURL) => anthropic({ baseURL }),
    asking(
      { type: 'file', mediaType: 'image/svg+xml', data: base64('<svg/>'), filename: 'a.svg' },
      { type: 'file', mediaType: 'image/png', data: BINARY },
    ),
  );

  expect(messages?.[0]?.content).toMatchObject([
    { type: 'document', source: { type: 'text', data: '<svg/>' }, title: 'a.svg' },
    { type: 'image', source: { type: 'base64', media_type: 'image/png' } },
    { type: 'text' },
  ]);
});

it('keeps a reference to a file that the provider stores', async () => {
  const source = { type: 'file', file_id: 'file_1' };
  const { messages } = await bodiesFor(
    (baseURL) => anthropic({ baseURL }),
    asking({ type: 'file', mediaType: 'application/pdf', providerMetadata: { anthropic: { source } } }),
  );

  expect(messages?.[0]?.content).toMatchObject([{ type: 'document', source }, { type: 'text' }]);
});

it.each([
  [
    'openai',
    'application/zip',
    { error: { message: 'Unsupported file type: application/zip', param: 'messages[0].content[0]' } },
  ],
  [
    'openaiResponses',
    'video/mp4',
    { error: { message: "Invalid 'input[0].content[0].file_data': unsupported MIME type", param: 'input[0]' } },
  ],
  ['gemini', 'application/zip', { error: { code: 400, message: 'Unsupported MIME type: application/zip' } }],
  [
    'anthropic',
    'image/bmp',
    { type: 'error', error: { message: 'messages.0.content.0.image.source: Could not process image' } },
  ],
  ['ollama', 'image/bmp', { error: 'Failed to load image: unknown format' }],
] as const)(
  'a file of %s in history that the server refuses is sent as a note: %s',
  async (name, mediaType, refusal) => {
    await using server = await startHttpServer(({ body }) =>
      body.includes(BINARY)
        ? { status: 400, chunks: [{ text: JSON.stringify(refusal) }] }
        : { chunks: [{ text: REFUSING[name].answer('Hi') }] },
    );
    const client = new LLMClient({ provider: REFUSING[name].provider(server.url), model: 'm', retry: false });
    const file: FilePart = { type: 'file', mediaType, filename: 'a.bin', data: BINARY };

    const { text } = await client.complete({
      messages: [...asking(file), { role: 'assistant', content: 'No.' }, { role: 'user', content: 'Never mind.' }],
    });
    const error = await failureOf(client.complete({ messages: asking(file) }));

    expect(text).toBe('Hi');
    expect(server.requests[1]?.body).toContain('a.bin');
    expect(error).toMatchObject({ code: 'invalid_request', status: 400 });
    expect(server.requests).toHaveLength(3);
  },
);
