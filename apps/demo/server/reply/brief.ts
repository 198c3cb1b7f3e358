/** What can be read off a prompt without understanding it. */
export interface Brief {
  prompt: string;
  /** What the prompt is about, in its own words: "a lighthouse keeper". */
  subject: string;
  /** Its content words, in order, each once, in lower case. */
  keywords: string[];
  wordCount: number;
  longestWord: string;
  kind: Kind;
  isLong: boolean;
  wantsReasoning: boolean;
}

export type Kind =
  | 'verdict'
  | 'markdown'
  | 'code'
  | 'poem'
  | 'story'
  | 'list'
  | 'comparison'
  | 'greeting'
  | 'explanation';

/** The first that matches. A word such as “rust” or “hook” has other meanings, so it does not decide alone. */
const KINDS: readonly (readonly [Kind, RegExp])[] = [
  ['verdict', /\bsentiment\b[^:\n]{0,400}[:\n]/i],
  ['markdown', /\b(markdown|footnotes?|formatting|nested lists?|(in|as) a table|code blocks? in)\b/i],
  ['poem', /\b(poem|haiku|verses?|sonnet|limerick|rhyme|lyrics)\b/i],
  ['story', /\b(story|tale|fable|legend|novel|chapter)\b/i],
  [
    'code',
    /\b(code|function|script|program|snippet|regex|typescript|javascript|python|sql|css|html|bash|react (hook|component))\b/i,
  ],
  ['comparison', /\b(compare|comparison|versus|vs\.?|difference between|pros and cons)\b/i],
  ['list', /\b(list|ideas|tips|steps to|ways to|checklist|plan|reasons|names for|suggest)\b/i],
  ['greeting', /^\s*(hi|hello|hey|good (morning|evening|day)|test(ing)?|ping|thanks|thank you)\b[\s!.?]*$/i],
];

const LONG = /\b(long|detailed|in depth|in-depth|essay|at length|thorough|comprehensive|\d{3,} words)\b/i;
const REASONING = /\b(think|reason|reasoning|step by step|work out|figure out|puzzle|estimate|how many)\b/i;

const STOP_WORDS = new Set(
  (
    'about above after again also another answer because been before being below between both could does doing down during each ' +
    'every explain few from further have having here hers himself into itself just like long make makes more most much must ' +
    'myself once only other ours please same short should show some step such tell than that their them then there these they ' +
    'thing think this those through under until very want was were what when where which while who whom whose why will with ' +
    'would write your yours using used uses how many and the for are its you can our out not but has had did say get give detailed explanation essay ' +
    'text article thorough overview story tale poem haiku function code script'
  ).split(' '),
);

export function readBrief(prompt: string): Brief {
  const words = prompt.match(/[\p{L}\p{N}][\p{L}\p{N}'’-]*/gu) ?? [];
  const keywords = [...new Set(words.map((word) => word.toLowerCase()))].filter(
    (word) => word.length > 2 && !STOP_WORDS.has(word) && !/^\p{N}+$/u.test(word),
  );
  return {
    prompt,
    subject: findSubject(prompt) || keywords.slice(0, 3).join(' ') || 'that',
    keywords,
    wordCount: words.length,
    longestWord: words.reduce((longest, word) => (word.length > longest.length ? word : longest), ''),
    kind: KINDS.find(([, pattern]) => pattern.test(prompt))?.[0] ?? 'explanation',
    isLong: LONG.test(prompt),
    wantsReasoning: REASONING.test(prompt),
  };
}

/** Openings to take off, one after the other, until what is left is the subject. */
const OPENINGS: readonly RegExp[] = [
  /^(please|kindly|hi|hello|hey|ok|okay|so|now|well)\b[\s,!.]*/i,
  /^(can|could|would|will) you\b( please)?\s*/i,
  /^(i want|i need|i would like|i'd like|help me|let's|let us)( you)?( to| with)?\s+/i,
  /^(think|reason|work|go)( it| this)?( hard| carefully| through)?( about it)?( step by step| out loud)?\s*[:,.-]\s*/i,
  /^think( hard| carefully)?( about)?\s+/i,
  /^step by step\s*[:,.-]?\s*/i,
  /^take your time( and| to|,|:|\.)?\s*/i,
  /^(explain|describe|summari[sz]e|discuss|outline|introduce|teach me|tell me|show me|give me|write me|write|compose|draft|create|build|make|implement|design|compare|suggest|list|name|find|estimate|plan)( to)?( me)?\s+/i,
  /^(a |an |the |some |\d+ |five |three |ten )?(very |really )?(short|long|detailed|brief|thorough|quick|simple|in-depth|little|small)\s+/i,
  /^(a |an |the |some |\d+ |five |three |ten )?((typescript|javascript|python|rust|sql|css|bash|react)\s+)?(story|tale|fable|poem|haiku|sonnet|limerick|essay|text|article|explanation|overview|list|checklist|tips|ideas|function|script|program|component|snippet|query|hook|class|answer|reasons|ways|plan|comparison|difference)\b\s*/i,
  /^(about|on|of|for|to|that|which|between|with)\s+/i,
  /^(what|who|why|how|where|when)('s|’s)?( is| are| was| were| do| does| did| can| could| should| would| many| much)?\s+/i,
];

const MAX_SUBJECT_WORDS = 9;

function findSubject(prompt: string): string {
  // The first sentence says what it is about; the rest says how.
  let rest = prompt.trim().split(/[.!?\n]/u, 1)[0] ?? '';
  for (let changed = true; changed;) {
    const before = rest;
    for (const opening of OPENINGS) rest = rest.replace(opening, '');
    changed = rest !== before;
  }
  rest = rest
    .replace(/\s+(step by step|in detail|at length|for beginners|please)\s*$/i, '')
    .replace(/[\s"'“”:;,)(]+$/u, '');
  return rest
    .split(/\s+/u)
    .slice(0, MAX_SUBJECT_WORDS)
    .join(' ')
    .replace(/^["'“”(]+/u, '');
}
