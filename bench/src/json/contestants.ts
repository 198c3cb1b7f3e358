import { IncrementalJsonParser } from '@rivulet/core';
import { JSONParser } from '@streamparser/json';
import { parsePartialJson } from 'ai';
import { parse } from 'partial-json';

/** Reads the pieces, looks at what there is after so many of them each time, and gives the whole in the end. */
export type Contestant = (pieces: readonly string[], every: number) => unknown;

/** As in a page whose last answer is still shown: without any parser, engines drop what they compiled of its methods. */
let shown: IncrementalJsonParser;

function rivulet(pieces: readonly string[], every: number): unknown {
  const parser = new IncrementalJsonParser();
  for (let index = 0; index < pieces.length; index += 1) {
    parser.push(pieces[index]!);
    if ((index + 1) % every === 0) parser.snapshot();
  }
  shown = parser;
  return shown.end();
}

async function aiSdk(pieces: readonly string[], every: number): Promise<unknown> {
  let text = '';
  for (let index = 0; index < pieces.length; index += 1) {
    text += pieces[index]!;
    if ((index + 1) % every === 0) await parsePartialJson(text);
  }
  return (await parsePartialJson(text)).value;
}

function partialJson(pieces: readonly string[], every: number): unknown {
  let text = '';
  for (let index = 0; index < pieces.length; index += 1) {
    text += pieces[index]!;
    if ((index + 1) % every === 0) parse(text);
  }
  return parse(text);
}

/** What it shows on the way is the growing object itself, which changes under its reader. */
function streamparser(pieces: readonly string[], every: number): unknown {
  const isShown = every < Infinity;
  const parser = new JSONParser(
    isShown ? { emitPartialTokens: true, emitPartialValues: true } : { paths: ['$'], keepStack: true },
  );
  let whole: unknown;
  parser.onValue = ({ value, stack, partial }) => {
    if (stack.length === 0 && !partial) whole = value;
  };
  for (const piece of pieces) parser.write(piece);
  return whole;
}

function parseOnce(pieces: readonly string[]): unknown {
  return JSON.parse(pieces.join(''));
}

/** The first one, which has only to read the end, is what the others are compared with. */
export const contestants: Readonly<Record<string, Contestant>> = {
  'JSON.parse, once': parseOnce,
  rivulet,
  '@streamparser/json': streamparser,
  'partial-json': partialJson,
  'ai parsePartialJson': aiSdk,
};
