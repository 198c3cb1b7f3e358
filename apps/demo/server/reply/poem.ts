import type { Brief } from './brief.ts';
import type { Picker } from './picker.ts';
import { capitalize, paragraphs } from './text.ts';

export function composePoem(brief: Brief, pick: Picker): string {
  const { prompt, subject } = brief;
  return /\bhaiku\b/i.test(prompt) ? haiku(subject, pick) : verses(brief, pick);
}

/** Five, seven and five syllables; the title carries the subject, since syllables of any word cannot be counted safely. */
function haiku(subject: string, pick: Picker): string {
  const first = pick(['morning, and the rain', 'one drop, then a thread', 'snow lets go of stone']);
  const second = pick([
    'writes one long word down the hill',
    'no one told the water where',
    'asking nothing but the slope',
  ]);
  const third = pick(['the sea reads it all', 'still it finds the sea', 'listen: it arrives']);
  return paragraphs(`# ${capitalize(subject)}`, [first, second, third].join('\n'));
}

function verses({ subject, keywords, isLong }: Brief, pick: Picker): string {
  const word = (index: number): string => keywords[index % Math.max(1, keywords.length)] ?? 'water';
  const stanzas = [
    [
      `It started with a single word: ${word(0)}.`,
      'I set it down to see what it would do.',
      'A second came, the second brought a third,',
      'and by the fourth the line had found its queue.',
    ],
    [
      pick([`You asked about ${subject}, and I have`, `Of ${subject} I only know the sound,`]),
      pick(['no more than what you handed me to say;', 'a bell that someone rings across a bay;']),
      pick(['a pocketful of letters, and a path', 'I turn your letters over, turn them round,']),
      'that leads them one by one into the day.',
    ],
    [
      `So take them as they come, and do not wait`,
      `for ${word(1)} to be finished to be read:`,
      'a river is not early, is not late,',
      'it is the moving water in its bed.',
    ],
    ...(isLong
      ? [
          [
            `And should it stop in the middle of ${word(2)},`,
            'the half that reached you is still yours to keep;',
            'a bridge half built is honest. What has been',
            'said plainly once will not go back to sleep.',
          ],
          [
            'The last line knows it is the last, and says',
            `so, with a full stop. Silence by itself`,
            'means nothing: cables break, and there are days',
            'when half a poem stands upon the shelf.',
          ],
        ]
      : []),
  ];
  return paragraphs(`# ${capitalize(subject)}`, ...stanzas.map((lines) => lines.join('\n')));
}
