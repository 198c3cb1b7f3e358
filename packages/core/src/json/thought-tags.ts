/**
 * Models that reason write their thoughts in front of the answer, within tags. A server that does not parse them sends
 * them as text. The spellings are those of the parsers of servers, and of chat templates:
 * https://github.com/vllm-project/vllm/tree/main/vllm/reasoning
 * https://github.com/sgl-project/sglang/blob/main/python/sglang/srt/parser/reasoning_parser.py
 * https://github.com/open-webui/open-webui/blob/main/backend/open_webui/utils/middleware.py
 * https://github.com/ggml-org/llama.cpp/blob/master/common/chat.cpp
 */

/**
 * Names of XML-like tags: a word, with others around it in some models. `think`, `seed:think`, `longcat_think`, `antThinking`,
 * `think_fast`, `inner_thoughts`, `chain_of_thought`.
 */
export const TAG_NAME: string = `(?:[a-z][\\w-]{0,20}:)?(?:${[
  '(?:[a-z][a-z\\d]{0,20}_){0,2}(?:think(?:ing)?|thoughts?|reasoning|monologue)(?:[_:][\\w-]{1,60})?',
  '(?:antthinking|deepthink|reason|reflect(?:ion)?|scratch_?pad|cot)(?::[\\w-]{1,20})?',
].join('|')})`;
const WHOLE_NAME = new RegExp(`^${TAG_NAME}$`, 'i');

// The partial patterns match whatever may become a match of the whole ones. All of them are bounded in length.
const XML_OPENING = /^<\s{0,9}([a-z][\w:-]{0,60})(?:\s[^<>]{0,100})?>/i;
const PARTIAL_XML_OPENING = /^<\s{0,9}(?:([a-z][\w:-]{0,60})(\s[^<>]{0,100})?)?$/i;
const PARTIAL_XML_CLOSING = /<\s{0,9}(?:\/\s{0,9}(?:[a-z][\w:-]{0,60}\s{0,9})?)?$/i;
/** No tag is longer. */
export const MAX_TAG_LENGTH = 200;

/** Special tokens of one pattern, such as `<|think|>`, `<|think_start|>` and `<|begin_of_thought|>` (OpenThinker, Sky-T1). */
const SPECIAL_TOKENS = ['think', 'thinking', 'thought', 'reasoning'].flatMap((word): [string, string][] => [
  [`<|${word}|>`, `<|/${word}|>`],
  [`<|${word}_start|>`, `<|${word}_end|>`],
  [`<|${word}_begin|>`, `<|${word}_end|>`],
  [`<|start_${word}|>`, `<|end_${word}|>`], // Cohere
  [`<|begin_${word}|>`, `<|end_${word}|>`],
  [`<|start_of_${word}|>`, `<|end_of_${word}|>`],
  [`<|begin_of_${word}|>`, `<|end_of_${word}|>`],
]);

/** Other spellings, in lower case: the opening tag, the closing tag. */
export const THOUGHT_TAGS: readonly (readonly [string, string])[] = [
  ...SPECIAL_TOKENS,
  ['[think]', '[/think]'], // Mistral
  ['◁think▷', '◁/think▷'], // Kimi
  ['<|open|>think<|sep|>', '<|close|>think<|sep|>'], // Kimi K3
  ['<|inner_prefix|>', '<|inner_suffix|>'], // Apertus
  ['<|channel>thought', '<channel|>'], // Gemma 4
  ['<unused94>thought', '<unused95>'], // MedGemma
  ['[unused16]', '[unused17]'], // openPangu
  // gpt-oss: https://cookbook.openai.com/articles/openai-harmony
  ['<|channel|>analysis<|message|>', '<|end|>'],
  ['<|start|>assistant<|channel|>analysis<|message|>', '<|end|>'],
];

/**
 * Special tokens around the answer itself. `<answer>` and `<response>` are not among them: prompts ask for these, and
 * applications read them.
 */
const ANSWER_TAGS: readonly (readonly [string, string])[] = [
  ['<|begin_of_solution|>', '<|end_of_solution|>'],
  ['<|start_response|>', '<|end_response|>'],
  ['<|start_text|>', '<|end_text|>'],
  ['<|open|>response<|sep|>', '<|close|>response<|sep|>'],
  ['<|channel|>final<|message|>', '<|return|>'],
  ['<|start|>assistant<|channel|>final<|message|>', '<|return|>'],
];

interface Closing {
  readonly pattern: RegExp;
  /** Its spellings that are not XML-like, in lower case. */
  readonly literals: readonly string[];
}

interface Opening {
  readonly length: number;
  readonly closing: Closing;
  readonly isAnswer: boolean;
}

export function escapeRegExp(text: string): string {
  return text.replace(/[[\]|/:-]/g, '\\$&');
}

function xmlClosing(name: string): string {
  return `<\\s{0,9}/\\s{0,9}${name}\\s{0,9}>`;
}

/** Closing tags that mark the end of a thought by themselves. `<|end|>` ends every message of some models. */
const CLOSING_LITERALS = [
  ...new Set(THOUGHT_TAGS.map(([, closing]) => closing).filter((tag) => tag !== '<|end|>')),
  '[begin final response]', // Apriel, whose prompt has the sentence that begins the thought
];
export const CLOSING_PATTERNS: readonly string[] = [
  xmlClosing(`(?:${TAG_NAME})`),
  ...CLOSING_LITERALS.map(escapeRegExp),
];
const ANY_CLOSING: Closing = { pattern: new RegExp(CLOSING_PATTERNS.join('|'), 'i'), literals: CLOSING_LITERALS };

/** Unlike `toLowerCase`, keeps the length. */
function lowerCase(text: string): string {
  return text.replace(/[A-Z]+/g, (letters) => letters.toLowerCase());
}

/** The opening tag that the text begins with. */
function openingOf(text: string): Opening | 'partial' | undefined {
  const xml = XML_OPENING.exec(text);
  if (xml && WHOLE_NAME.test(xml[1] as string) && !xml[0].endsWith('/>')) {
    const pattern = new RegExp(xmlClosing(escapeRegExp(xml[1] as string)), 'i');
    return { length: xml[0].length, closing: { pattern, literals: [] }, isAnswer: false };
  }
  const start = lowerCase(text.slice(0, MAX_TAG_LENGTH));
  let isPartial = false;
  for (const tags of [THOUGHT_TAGS, ANSWER_TAGS]) {
    for (const [opening, closing] of tags) {
      if (start.startsWith(opening)) {
        const pattern = new RegExp(escapeRegExp(closing), 'i');
        return { length: opening.length, closing: { pattern, literals: [closing] }, isAnswer: tags === ANSWER_TAGS };
      }
      isPartial ||= opening.startsWith(start);
    }
  }
  const partial = text.length > MAX_TAG_LENGTH ? null : PARTIAL_XML_OPENING.exec(text);
  isPartial ||= partial !== null && (partial[2] === undefined || WHOLE_NAME.test(partial[1] as string));
  return isPartial ? 'partial' : undefined;
}

/** Where the end of the text may be the beginning of a closing tag; its length if nowhere. */
function partialClosing(text: string, { literals }: Closing): number {
  const offset = Math.max(0, text.length - MAX_TAG_LENGTH);
  const end = lowerCase(text.slice(offset));
  let found = PARTIAL_XML_CLOSING.exec(end)?.index ?? end.length;
  for (let at = end.search(/[<[◁]/); at >= 0 && at < found; at += 1) {
    const rest = end.slice(at);
    if (literals.some((literal) => literal.startsWith(rest))) found = at;
  }
  return offset + found;
}

/** `markup` is a tag, with the white space between it and the content. */
export type TaggedType = 'text' | 'reasoning' | 'markup';

export interface ThoughtSplitter {
  push(delta: string): void;
  /** Emits the text that was held back because it might have become a tag. */
  flush(): void;
}

/**
 * Separates the thoughts in tags at the start of an answer from its text. Any split of the text gives the same result, and
 * its pieces are the text again. Holds back at most the length of a tag, and white space.
 *
 * @param isOpen whether the text begins within a thought, whose opening tag was part of the prompt.
 */
export function createThoughtSplitter(
  emit: (type: TaggedType, delta: string) => void,
  isOpen: boolean | undefined = false,
): ThoughtSplitter {
  let state: 'before' | 'thought' | 'text' = 'before';
  let hasTag = false;
  let hasThought = false;
  /** Of the thought that is open. */
  let hasContent = false;
  /** Of the thought, or of what is around the answer. */
  let closing: Closing | undefined;
  let space = '';
  let held = '';

  function put(type: TaggedType, delta: string): void {
    if (delta) emit(type, delta);
  }

  function putSpace(type: TaggedType): void {
    put(type, space);
    space = '';
  }

  function begin(opening: Opening, tag: string): void {
    // Several thoughts in a row become one.
    putSpace(hasThought && !opening.isAnswer ? 'reasoning' : 'markup');
    put('markup', tag);
    hasTag = true;
    hasContent = false;
    ({ closing } = opening);
    if (!opening.isAnswer) state = 'thought';
  }

  /** What the answer begins with is no tag. */
  function beginContent(): void {
    if (isOpen && !hasTag) {
      state = 'thought';
      closing = ANY_CLOSING;
      return;
    }
    state = 'text';
    if (!hasTag) return putSpace('text');
    // Blank lines separate the tag and the text; the indentation of the first line belongs to the text.
    const indentation = space.slice(space.lastIndexOf('\n') + 1);
    if (indentation === space) return putSpace('markup');
    put('markup', space.slice(0, space.length - indentation.length));
    space = indentation;
    putSpace('text');
  }

  function putThought(content: string): void {
    const end = content.trimEnd();
    if (end) {
      const start = hasContent ? end : end.trimStart();
      space += end.slice(0, end.length - start.length);
      putSpace(hasContent ? 'reasoning' : 'markup');
      put('reasoning', start);
      hasContent = hasThought = true;
    }
    space += content.slice(end.length);
  }

  /** Reads as far as possible; what is left needs more text. */
  function read(text: string): string {
    let rest = text;
    while (rest) {
      if (state === 'before') {
        const body = rest.trimStart();
        space += rest.slice(0, rest.length - body.length);
        rest = body;
        if (!rest) return '';
        const opening = openingOf(rest);
        if (opening === 'partial') return rest;
        if (opening) {
          begin(opening, rest.slice(0, opening.length));
          rest = rest.slice(opening.length);
        } else beginContent();
        continue;
      }
      const match = closing?.pattern.exec(rest);
      const end = match?.index ?? (closing ? partialClosing(rest, closing) : rest.length);
      if (state === 'thought') putThought(rest.slice(0, end));
      else put('text', rest.slice(0, end));
      rest = rest.slice(end);
      if (!match) return rest;
      putSpace('markup');
      put('markup', match[0]);
      rest = rest.slice(match[0].length);
      closing = undefined;
      hasTag = true;
      if (state === 'thought') state = 'before';
    }
    return '';
  }

  return {
    push(delta) {
      held = read(held + delta);
    },
    flush() {
      const rest = held;
      held = '';
      if (state === 'before') {
        if (!rest) return putSpace(hasTag || isOpen ? 'markup' : 'text');
        beginContent();
      }
      if (state === 'text') return put('text', rest);
      if (rest) putThought(rest);
      putSpace('markup');
    },
  };
}
