import { batchBench } from './batch/batch.ts';
import { chatBench } from './chat/chat.ts';
import { inputBench } from './input/input-latency.ts';
import { jsonBench } from './json/json.ts';
import { markdownBench } from './markdown/markdown.ts';
import { reactBench } from './react/react.ts';
import { wireBench } from './wire/wire.ts';

const benches: Readonly<Record<string, () => Promise<void>>> = {
  wire: wireBench,
  react: reactBench,
  input: inputBench,
  markdown: markdownBench,
  batch: batchBench,
  json: jsonBench,
  chat: chatBench,
};

const chosen = process.argv.slice(2);
for (const name of chosen.length > 0 ? chosen : Object.keys(benches)) {
  const bench = benches[name];
  if (!bench) throw new Error(`There is no bench "${name}": choose from ${Object.keys(benches).join(', ')}.`);
  await bench();
}
