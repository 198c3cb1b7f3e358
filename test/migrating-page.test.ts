import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { LLMClient } from '@rivulet/core';
import { createChat } from '@rivulet/core/chat';
import { scripted } from '@rivulet/core/scripted';
import { describe, expect, it } from 'vitest';

function read(path: string): string {
  return readFileSync(fileURLToPath(new URL(`../${path}`, import.meta.url)), 'utf8');
}

const page = read('docs/migrating-from-ai-sdk.md');

/** The declarations of the packages that the page is about, without their comments. */
const declarations = ['@ai-sdk/react', 'ai']
  .map((name) => read(`bench/node_modules/${name}/dist/index.d.ts`).replaceAll(/\/\*[^]*?\*\//g, ''))
  .join('\n');

/** The rows of the table below a heading: what is there, and what is here. */
function rowsBelow(heading: string): Map<string, string> {
  const section = page.split(`# ${heading}\n`)[1]?.split(/^#/m)[0] ?? '';
  return new Map(
    [...section.matchAll(/^\| `(\w+)` +\| (.*?) +\|$/gm)].map(([, there = '', here = '']) => [there, here]),
  );
}

/** What stands between the brackets that open after this place. */
function blockAfter(start: number): string {
  const open = declarations.indexOf('{', start);
  let depth = 0;
  for (let at = open; ; at += 1) {
    if (declarations[at] === '{') depth += 1;
    else if (declarations[at] === '}') depth -= 1;
    if (depth === 0) return declarations.slice(open + 1, at);
  }
}

/** The names of the fields of the first object type after a text. */
function fieldsAfter(text: string): string[] {
  const start = declarations.indexOf(text);
  if (start < 0) throw new Error(`The declarations have no ${text}`);
  let block = blockAfter(start + text.length);
  // Only fields of the object itself.
  while (/[{(<][^{}()<>]*[})>]/.test(block)) block = block.replaceAll(/[{(<][^{}()<>]*[})>]/g, '');
  return [...block.matchAll(/(?:^|[;{,\n])\s*(?:readonly )?(\w+)\??:/g)].map(([, name = '']) => name);
}

/** The names that a type picks of the class of a chat. */
function picked(): string[] {
  const [, names = ''] = /Pick<AbstractChat<UI_MESSAGE>, ([^>]*)>/.exec(declarations) ?? [];
  return [...names.matchAll(/'(\w+)'/g)].map(([, name = '']) => name);
}

describe('the page for those who come from @ai-sdk/react names every', () => {
  it.each<[string, string, () => string[]]>([
    [
      'field that useChat returns',
      '`useChat`: what it returns',
      () => [...fieldsAfter('type UseChatHelpers<UI_MESSAGE extends UIMessage> ='), ...picked()],
    ],
    [
      'option of useChat',
      '`useChat`: what it takes',
      () => [
        ...fieldsAfter('type UseChatOptions<UI_MESSAGE extends UIMessage> = ({'.slice(0, -1)),
        ...fieldsAfter('| ChatInit<UI_MESSAGE>) &'),
        ...fieldsAfter('interface ChatInit<UI_MESSAGE extends UIMessage>'),
      ],
    ],
    [
      'field of what is sent',
      'Sending',
      () => [
        'text',
        'files',
        'metadata',
        'parts',
        'messageId',
        ...fieldsAfter('type ChatRequestOptions ='),
        ...fieldsAfter("Omit<UI_MESSAGE, 'id' | 'role'> &"),
      ],
    ],
    [
      'field of what answers a tool',
      'Tools',
      () => [
        ...fieldsAfter('{ state, tool, toolCallId, output, errorText, options }:'),
        'output',
        'state',
        'errorText',
        ...fieldsAfter('({ id, approved, reason, options }:').filter((name) => name !== 'id'),
      ],
    ],
    [
      'field of what onFinish takes',
      'The end of a turn',
      () => fieldsAfter('type ChatOnFinishCallback<UI_MESSAGE extends UIMessage> = (options:'),
    ],
    [
      'option of the transport',
      'Transports',
      () => [
        ...fieldsAfter('type HttpChatTransportInitOptions<UI_MESSAGE extends UIMessage> ='),
        ...fieldsAfter('constructor({ resumeStreamIsReplay, ...options }?: HttpChatTransportInitOptions<UI_MESSAGE> &'),
      ],
    ],
    [
      'field of a message',
      'Messages',
      () =>
        fieldsAfter(
          'interface UIMessage<METADATA = unknown, DATA_PARTS extends UIDataTypes = UIDataTypes, TOOLS extends UITools = UITools>',
        ),
    ],
    [
      'field that useCompletion returns',
      '`useCompletion`: what it returns',
      () => fieldsAfter('type UseCompletionHelpers<BODY extends object = object> ='),
    ],
    [
      'option of useCompletion',
      '`useCompletion`: what it takes',
      () => [
        ...fieldsAfter('type UseCompletionOptions<BODY extends object = object> ='),
        ...fieldsAfter('type CompletionRequestOptions<BODY extends object = object> ='),
        ...fieldsAfter('?: UseCompletionOptions<NoInfer<BODY>> &'),
      ],
    ],
  ])('%s', (_, heading, fields) => {
    const names = new Set(fields());
    expect(names.size).toBeGreaterThan(1);
    expect([...names].filter((name) => !rowsBelow(heading).has(name))).toEqual([]);
    // Nor what they do not have.
    expect([...rowsBelow(heading).keys()].filter((name) => !names.has(name))).toEqual([]);
  });

  it('says that it is the same only of what is there', () => {
    const chat = createChat({ client: new LLMClient({ provider: scripted('Hi') }) });
    const here = Object.keys({ ...chat, ...chat.getSnapshot() });
    const same = [...rowsBelow('`useChat`: what it returns')].filter(([, text]) => text.startsWith('the same'));
    expect(same.length).toBeGreaterThan(8);
    expect(same.map(([name]) => name).filter((name) => !here.includes(name))).toEqual([]);
  });
});
