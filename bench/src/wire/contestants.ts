import { createOpenAI } from '@ai-sdk/openai';
import { LLMClient } from '@rivulet/core';
import { openai as rivuletOpenAI } from '@rivulet/core/openai';
import { streamText } from 'ai';
import { createParser } from 'eventsource-parser';
import OpenAI from 'openai';

type Fetch = () => Promise<Response>;

/** Reads one whole answer with one library. Gives its text. */
export type Contestant = (fetch: Fetch) => Promise<string>;

const model = 'gpt-4o-mini';
const prompt = 'What does the river carry?';
const apiKey = 'sk-proj-4fK9qLw2Xz8RtB1mVn6YcJ3hDg7PsE5uA0oQi';

/** What nobody can do without: decode, split, parse, join. */
async function floor(fetch: Fetch): Promise<string> {
  const reader = (await fetch()).body!.getReader();
  const decoder = new TextDecoder();
  let text = '';
  const parser = createParser({
    onEvent({ data }) {
      if (data === '[DONE]') return;
      const chunk = JSON.parse(data) as { choices: { delta: { content?: string } }[] };
      text += chunk.choices[0]?.delta.content ?? '';
    },
  });
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return text;
    parser.feed(decoder.decode(value, { stream: true }));
  }
}

function rivulet(fetch: Fetch): LLMClient {
  return new LLMClient({ provider: rivuletOpenAI({ apiKey }), model, fetch });
}

async function rivuletResult(fetch: Fetch): Promise<string> {
  return (await rivulet(fetch).complete(prompt)).text;
}

async function rivuletTextStream(fetch: Fetch): Promise<string> {
  let text = '';
  for await (const delta of rivulet(fetch).stream(prompt).textStream) text += delta;
  return text;
}

async function openai(fetch: Fetch): Promise<string> {
  const client = new OpenAI({ apiKey, fetch });
  const stream = await client.chat.completions.create({
    model,
    messages: [{ role: 'user', content: prompt }],
    stream: true,
  });
  let text = '';
  for await (const chunk of stream) text += chunk.choices[0]?.delta.content ?? '';
  return text;
}

async function aiSdk(fetch: Fetch): Promise<string> {
  const result = streamText({ model: createOpenAI({ apiKey, fetch }).chat(model), prompt });
  let text = '';
  for await (const delta of result.textStream) text += delta;
  if ((await result.finishReason) !== 'stop') throw new Error('The AI SDK did not finish.');
  return text;
}

/** The floor comes first: the others are measured in it. */
export const contestants: Readonly<Record<string, Contestant>> = {
  'eventsource-parser + JSON.parse': floor,
  'rivulet result': rivuletResult,
  'rivulet textStream': rivuletTextStream,
  'openai create({ stream })': openai,
  'ai streamText textStream': aiSdk,
};
