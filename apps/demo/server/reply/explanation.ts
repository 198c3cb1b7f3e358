import type { Brief } from './brief.ts';
import type { Picker } from './picker.ts';
import { bullets, capitalize, paragraphs } from './text.ts';
import { findTopic, type Topic } from './topics.ts';

export function composeExplanation(brief: Brief, pick: Picker): string {
  const topic = findTopic(brief);
  return topic ? explainTopic(topic, brief) : frameSubject(brief, pick);
}

function explainTopic({ title, opening, points, sections, closing }: Topic, { isLong }: Brief): string {
  const more = isLong ? sections.map((section) => `## ${section.title}\n\n${section.text}`) : [];
  return paragraphs(`# ${title}`, opening, bullets(points), ...more, closing);
}

/** About a subject it knows nothing of, a program can still look at the prompt and ask good questions. */
function frameSubject(brief: Brief, pick: Picker): string {
  const { subject, isLong } = brief;
  return paragraphs(
    `# ${capitalize(subject)}`,
    pick([
      `I keep no page on “${subject}”, and I will not invent one. What I can do is give you a frame that a good explanation would fill.`,
      `On “${subject}”, a real model would now tell you what it has read. I can only lay the table: this is what a good answer should hold.`,
    ]),
    bullets([
      pick([
        `What it is: one sentence on “${subject}” that someone of twelve would repeat correctly.`,
        `The plain version: “${subject}” without a single term of the trade.`,
      ]),
      pick([
        'What it is for: who would miss it tomorrow, and what they would do instead.',
        'What came before: the question that people had until someone thought of this one.',
      ]),
      pick([
        'How it works: the one moving part that everything else depends on.',
        'How it works: follow one case from start to end, with real numbers.',
      ]),
      pick([
        'Where it ends: the case in which all of this is wrong, or not worth the trouble.',
        'What people get wrong: the belief that most of them hold, and what to look at instead.',
      ]),
    ]),
    isLong ? longer(brief) : '',
    aboutThePrompt(brief),
  );
}

function longer({ subject, keywords }: Brief): string {
  const views: ((word: string) => string)[] = [
    (word) =>
      `Begin with “${word}”. Ask three people what it means here and note where they differ: the differences are the outline of your text. Then find the oldest use of the word that you can, and the newest. What was added in between is usually what your reader lacks.`,
    (word) =>
      `“${capitalize(word)}” can be measured, told, or shown, and each suits another reader. For a number, say what it was compared with. For a story, say who was there. For a picture, say what was left out of the frame. If only one sentence of this section survived, it should be the one that lets a reader predict something.`,
    (word) =>
      `Most texts mention “${word}” once and hurry on. Stay with it. What does it cost? Who decides about it? What would change first if it were half as much, and what if it were twice as much? Close with a case that does not fit: a rule is best understood at the place where it stops.`,
  ];
  const words = [...keywords, 'Before', 'After', 'Limits'].slice(0, views.length);
  return paragraphs(
    ...words.map((word, index) => paragraphs(`## ${capitalize(word)}`, views[index]?.(word.toLowerCase()) ?? '')),
    '## Putting it together',
    `Now read the parts in reverse. If “${subject}” still makes sense from the end to the beginning, the order was a habit and you may choose a better one; if not, you have found the one dependency worth drawing as an arrow.`,
    '## Who it is for',
    'Name the reader. Someone who must decide tomorrow needs the cost of being wrong; someone who is curious needs the surprise; someone who will do the work needs the order of the steps and the point of no return. A text for all three has three first paragraphs, and is read by none of them.',
    '## What to leave out',
    'Everything that is true and does not help. History goes when it explains no present oddity. Names go when nobody will look them up. Figures go when no comparison stands beside them. What remains is shorter than you feared and says more than you planned.',
  );
}

function aboutThePrompt({ wordCount, longestWord, keywords }: Brief): string {
  if (keywords.length === 0) return '';
  return paragraphs(
    '## Your prompt, measured',
    `It has ${wordCount} ${wordCount === 1 ? 'word' : 'words'}, of which ${keywords.length} ${keywords.length === 1 ? 'carries' : 'carry'} it: ${keywords.slice(0, 8).join(', ')}. The longest is “${longestWord}”, with ${longestWord.length} letters.`,
  );
}
