import type { Brief } from './brief.ts';
import { findTopic } from './topics.ts';

/** The steps that the composer really takes, said aloud. */
export function composeReasoning(brief: Brief): string {
  const { kind, keywords, wordCount, subject, isLong } = brief;
  const topic = findTopic(brief);
  const steps = [
    `The prompt has ${count(wordCount, 'word')}.`,
    keywords.length > 0
      ? `The ones that carry it are ${joinQuoted(keywords.slice(0, 6))}.`
      : 'None of them says what it is about, so I have to stay general.',
    `Its wording asks for ${KIND_NAMES[kind]}${isLong ? ', and for a long one' : ''}. The subject, then, is “${subject}”.`,
    topic?.reasoning ??
      (topic
        ? `I keep a page on this: “${topic.title}”. I can answer with facts instead of with a frame.`
        : 'I keep no page on this. An invented fact would be worse than none, so I will say what can be said about any subject, and ask good questions of this one.'),
    'Order: first what it is, then what matters about it, last where the answer comes from.',
  ];
  return steps.join('\n\n');
}

export function composeCallReasoning(names: readonly string[]): string {
  return `I cannot know this by myself, and there is a tool for it. I call ${joinQuoted(names)} and answer with what comes back.`;
}

export function composeObjectReasoning(schema: Readonly<Record<string, unknown>>): string {
  const names = Object.keys(schema['properties'] ?? {});
  const wanted =
    names.length > 0
      ? `The schema asks for ${joinQuoted(names.slice(0, 8))}.`
      : 'A schema says what the answer may be.';
  return `${wanted}\n\nI look for each in the text: by its name first, then by what it usually looks like. What is not there I leave out, or empty where it must not be left out.`;
}

const KIND_NAMES: Record<Brief['kind'], string> = {
  verdict: 'a verdict',
  markdown: 'everything that Markdown has',
  code: 'code',
  poem: 'a poem',
  story: 'a story',
  list: 'a list',
  comparison: 'a comparison',
  greeting: 'nothing but a friendly word',
  explanation: 'an explanation',
};

function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? '' : 's'}`;
}

function joinQuoted(words: readonly string[]): string {
  const quoted = words.map((word) => `“${word}”`);
  const last = quoted.pop() ?? '';
  return quoted.length > 0 ? `${quoted.join(', ')} and ${last}` : last;
}
