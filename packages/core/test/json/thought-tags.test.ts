import { array, assert, constantFrom, integer, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { createThoughtSplitter, type TaggedType } from '../../src/json/thought-tags.ts';
import { pieces } from './pieces.ts';
import { growthOf, LINEAR } from '../support/growth.ts';

interface Split {
  text: string;
  reasoning: string;
  /** All pieces, in order. */
  all: string;
  /** The most that was held back after a piece, white space left out. */
  heldBack: number;
}

function split(text: string, sizes: readonly number[] = [text.length || 1], isOpen = false): Split {
  const found = { text: '', reasoning: '', markup: '' } satisfies Record<TaggedType, string>;
  let all = '';
  let heldBack = 0;
  const splitter = createThoughtSplitter((type, delta) => {
    expect(delta).not.toBe('');
    found[type] += delta;
    all += delta;
  }, isOpen);
  let pushed = '';
  for (const piece of pieces(text, sizes)) {
    splitter.push(piece);
    pushed += piece;
    heldBack = Math.max(heldBack, pushed.slice(all.length).trim().length);
  }
  splitter.flush();
  return { text: found.text, reasoning: found.reasoning, all, heldBack };
}

const SPELLINGS: readonly (readonly [string, string])[] = [
  ['<think>', '</think>'],
  ['<thinking>', '</thinking>'],
  ['<thought>', '</thought>'],
  ['<thoughts>', '</thoughts>'],
  ['<reason>', '</reason>'],
  ['<reasoning>', '</reasoning>'],
  ['<reflection>', '</reflection>'],
  ['<scratchpad>', '</scratchpad>'],
  ['<seed:think>', '</seed:think>'],
  ['<mm:think>', '</mm:think>'],
  ['<think:opensource>', '</think:opensource>'],
  ['<longcat_think>', '</longcat_think>'],
  ['<antThinking>', '</antThinking>'],
  ['<THINK>', '</THINK>'],
  ['<Thought>', '</thought>'],
  ['<think >', '</think >'],
  ['< think >', '< / think >'],
  ['<think\n>', '</think\n>'],
  ['<think type="deep" budget=3>', '</think>'],
  ['[THINK]', '[/THINK]'],
  ['◁think▷', '◁/think▷'],
  ['<|begin_of_thought|>', '<|end_of_thought|>'],
  ['<|START_THINKING|>', '<|END_THINKING|>'],
  ['<|inner_prefix|>', '<|inner_suffix|>'],
  ['<|thinking|>', '<|/thinking|>'],
  ['<|open|>think<|sep|>', '<|close|>think<|sep|>'],
  ['<|channel>thought\n', '<channel|>'],
  ['<unused94>thought\n', '<unused95>'],
  ['<|think_start|>', '<|think_end|>'],
  ['<|thought|>', '<|/thought|>'],
  ['<|start_of_reasoning|>', '<|end_of_reasoning|>'],
  ['<think_fast>', '</think_fast>'],
  ['<think_never_used_51bce0c785ca2f68081bfa7d91973934>', '</think_never_used_51bce0c785ca2f68081bfa7d91973934>'],
  ['<inner_thoughts>', '</inner_thoughts>'],
  ['<chain_of_thought>', '</chain_of_thought>'],
  ['<Thought_Process>', '</Thought_Process>'],
  ['<scratch_pad>', '</scratch_pad>'],
  ['[unused16]', '[unused17]'],
  ['<|channel|>analysis<|message|>', '<|end|>'],
  ['<|start|>assistant<|channel|>analysis<|message|>', '<|end|>'],
];

describe.each(SPELLINGS)('a thought in %j and %j', (opening, closing) => {
  it.each([[[1000]], [[1]], [[2, 3]], [[5, 1, 7]]])('is separated from the text, in pieces of %j', (sizes) => {
    const thought = 'Maybe {"name":"Bob"}?\n```json\n{"a": <b> [x]\n```\nNo.';
    const found = split(`${opening}${thought}${closing}Hi <b>there</b>`, sizes);
    expect(found).toMatchObject({ reasoning: thought, text: 'Hi <b>there</b>' });
  });

  it('may have white space around it, which belongs to neither', () => {
    for (const sizes of [[1000], [1], [3]]) {
      const found = split(`\ufeff\n ${opening}\n\nHm,\n ok.\n${closing}\n\n  Hi\n`, sizes);
      expect(found).toMatchObject({ reasoning: 'Hm,\n ok.', text: '  Hi\n' });
    }
  });

  it('may be empty', () => {
    for (const sizes of [[1000], [1]])
      expect(split(`${opening}\n\n${closing}\n\nHi`, sizes)).toMatchObject({ reasoning: '', text: 'Hi' });
  });

  it('may be cut', () => {
    expect(split(`${opening}Hm, <b`, [1])).toMatchObject({ reasoning: 'Hm, <b', text: '' });
    expect(split(`${opening}Hm${closing.slice(0, -1)}`, [1])).toMatchObject({ text: '' });
    expect(split(opening.slice(0, -1).trimEnd(), [1]).reasoning).toBe('');
  });

  it('may be followed by another one', () => {
    expect(split(`${opening}One.${closing}\n\n<think>Two.</think>\n${opening}${closing}Hi`, [3])).toMatchObject({
      reasoning: expect.stringMatching(/^One\.\n\nTwo\.\s*$/) as unknown,
      text: 'Hi',
    });
  });
});

it('ends at the closing tag of its own spelling', () => {
  const text = '<think>I may use <thinking>, </thinking>, <think> and [/THINK].</think>Yes: </think>';
  expect(split(text, [1])).toMatchObject({
    reasoning: 'I may use <thinking>, </thinking>, <think> and [/THINK].',
    text: 'Yes: </think>',
  });
});

it.each([
  'Use <think>x</think> in prompts',
  '> <think>x</think>',
  '`<think>`',
  '<thinker>x</thinker>',
  '<refusal_reason>x</refusal_reason>',
  '<rethink>x</rethink>',
  '<b>think</b>',
  '<think/>x',
  '</think>x',
  '< 5 or > 3',
  '<',
  '<thi',
  '<|im_start|>',
  '[think about it]',
  '[1] says',
  '<details open>\n<think>x</think>',
  `<think ${'x'.repeat(200)}>y</think>`,
  '  ',
  '',
])('leaves %j as it is', (text) => {
  for (const sizes of [[1000], [1]]) expect(split(text, sizes)).toMatchObject({ text, reasoning: '' });
});

it.each([
  ['<|begin_of_thought|>Hm<|end_of_thought|>\n<|begin_of_solution|>\n4 <|\n<|end_of_solution|>', '4 <|\n'],
  ['<|START_THINKING|>Hm<|END_THINKING|><|START_RESPONSE|>4<|END_RESPONSE|>', '4'],
  ['<|START_THINKING|>Hm<|END_THINKING|>\n<|START_TEXT|>4<|END_TEXT|>', '4'],
  ['<|channel|>analysis<|message|>Hm<|end|><|start|>assistant<|channel|>final<|message|>4<|return|>', '4'],
  ['<|channel|>analysis<|message|>Hm<|end|><|start|>assistant<|channel|>final<|message|>4', '4'],
  ['<think>Hm</think><answer>4</answer>', '<answer>4</answer>'],
])('removes special tokens around the answer, and no others: %j', (text, answer) => {
  for (const sizes of [[1000], [1], [4]]) expect(split(text, sizes)).toMatchObject({ reasoning: 'Hm', text: answer });
});

it.each([
  ['Hm.</think>Hi', 'Hm.', 'Hi'],
  ['\n{"a":1}? <b>\n</think>\n\nHi </think>', '{"a":1}? <b>', 'Hi </think>'],
  ['<think>Hm.</think>Hi', 'Hm.', 'Hi'],
  ['Hm.[/THINK]Hi', 'Hm.', 'Hi'],
  ['Hm.\n[BEGIN FINAL RESPONSE]\nHi', 'Hm.', 'Hi'],
  ['Hm.</seed:think><think>Ok.</think>Hi', 'Hm.Ok.', 'Hi'],
  ['Hm.', 'Hm.', ''],
  ['</think>\n\nHi', '', 'Hi'],
  ['<thi', '<thi', ''],
])('begins within the thought where the prompt had the opening tag: %j', (text, reasoning, answer) => {
  for (const sizes of [[1000], [1], [4]]) expect(split(text, sizes, true)).toMatchObject({ reasoning, text: answer });
});

it('any split of any text gives the same, loses nothing and holds back no more than a tag', { timeout: 60_000 }, () => {
  const words = constantFrom(
    ...SPELLINGS.flat(),
    ...['<', '</', '<thi', 'nk', '>', ' ', '\n', '<|', '[', '◁', '<|start|>', 'a', '"', '{}', '/', ':', '🙂', 'İ'],
    ...['<|begin_of_solution|>', '<|end_of_solution|>', '<|channel|>final<|message|>', '<|return|>'],
  );
  const text = array(
    words.chain((word) => constantFrom(word)),
    { maxLength: 14 },
  ).map((all) => all.join(''));
  const sizes = array(integer({ min: 1, max: 9 }), { minLength: 1, maxLength: 5 });
  for (const isOpen of [false, true]) {
    assert(
      property(text, sizes, string(), (start, lengths, end) => {
        const input = start + end;
        const whole = split(input, [input.length || 1], isOpen);
        const split1 = split(input, lengths, isOpen);
        expect(whole.all).toBe(input);
        expect(split1).toMatchObject({ all: input, text: whole.text, reasoning: whole.reasoning });
        expect(split1.heldBack).toBeLessThan(200);
      }),
      { numRuns: 1000 },
    );
  }
});

it('takes time linear in the text', { timeout: 60_000 }, async () => {
  const split = (text: string, size: number): void => {
    let count = 0;
    const splitter = createThoughtSplitter((_type, delta) => {
      count += delta.length;
    });
    for (let at = 0; at < text.length; at += size) splitter.push(text.slice(at, at + size));
    splitter.flush();
    expect(count).toBe(text.length);
  };
  const texts: readonly ((length: number) => string)[] = [
    (length) => `<think>${'so it <goes> on, '.repeat(length / 17)}</think>x`,
    (length) => '<think>x</think>'.repeat(length / 16),
    (length) => `<think>${'<'.repeat(length)}`,
    (length) => `<think>${'</think '.repeat(length / 8)}`,
    (length) => ' '.repeat(length),
    (length) => `<think>${' \n'.repeat(length / 2)}`,
    (length) => `<think>${'x '.repeat(length / 2)}</think>`,
  ];
  for (const make of texts) {
    for (const size of [1, 4096]) {
      expect(await growthOf((length) => split(make(length), size), 30_000)).toBeLessThan(LINEAR);
    }
  }
});
