import type { Brief } from './brief.ts';
import type { Picker } from './picker.ts';
import { bullets, capitalize, numbered, paragraphs } from './text.ts';
import { findTopic } from './topics.ts';

export function composeList(brief: Brief, pick: Picker): string {
  const topic = findTopic(brief);
  if (topic) return paragraphs(`# ${topic.title}`, topic.opening, bullets(topic.points), topic.closing);

  const { subject, isLong } = brief;
  const items = [
    pick([
      `Write down what ${subject} looks like when it has gone well, in one sentence, before anything else.`,
      `Decide who ${subject} is for, and give that person a name.`,
    ]),
    pick([
      'Find the smallest version that could be shown to someone this week.',
      'Take the part that you understand least and try only that, badly, for an hour.',
    ]),
    pick([
      'Ask someone who did it before what they would leave out.',
      'Look for the three best examples, and copy the manner of one by hand.',
    ]),
    pick([
      'Fix one thing that will not be changed any more; everything else gets easier around it.',
      'Set a limit (a day, a page, a sum of money) and let it decide the hard questions.',
    ]),
    pick([
      `Say how you would notice that ${subject} is not working, and when you would look.`,
      'Keep what was cut in one place, so that cutting stays cheap.',
    ]),
    ...(isLong
      ? [
          'Do the dull part first thing in the morning, and the interesting part as its reward.',
          'Show it to a person who owes you nothing, and watch without explaining.',
          'Throw the second draft away and write the third from memory: what you forgot was not needed.',
        ]
      : []),
  ];
  return paragraphs(
    `# ${capitalize(subject)}: ${items.length} steps`,
    numbered(items),
    `These fit more things than ${subject}; the first is the one that people skip.`,
  );
}
