import type { Brief } from './brief.ts';
import type { Picker } from './picker.ts';
import { capitalize, paragraphs } from './text.ts';

export function composeStory({ subject, keywords, isLong }: Brief, pick: Picker): string {
  const thing = keywords.find((word) => !/^(story|tale|fable|legend|novel|chapter|detailed)$/.test(word)) ?? 'river';
  const name = pick(['Ines', 'Marta', 'Tomas', 'Oskar', 'Lene']);
  const place = pick([
    'the ferry town of Lower Weir',
    'a village that the maps put on the wrong bank',
    'the last house before the dam',
  ]);

  const start = [
    `In ${place}, people did not speak of ${subject} at table. It was not forbidden. It was only that whoever began could not be stopped, and the soup got cold.`,
    `${name} was eleven when she found the notebook, under the third stair, wrapped in a seed bag. On the first page stood one word, “${thing}”, and a date that was still nine days away.`,
    pick([
      'She did what a sensible person does with such a thing: she told nobody, and counted.',
      'She put it back. Then she took it out again, because putting it back had changed nothing.',
    ]),
  ];
  const middle = [
    `On the first of the nine days it rained, and the second was like the first. On the third, the miller’s dog sat down in the middle of the bridge, looked upstream, and would not be moved with sausage.`,
    `“It hears something,” said the miller. “It hears ${thing},” said ${name}, and everyone laughed, except the dog.`,
    `On the fifth day she wrote a line of her own under the one in the notebook, to see what would happen. By the evening another line stood below hers, in the same careful hand as the first. It said: *You are early. Good.*`,
    `From then on they wrote in turns. She asked what was coming, and the answer was about the weather. She asked about the weather, and the answer was the name of her grandmother’s boat. It took her until the eighth day to see that the answers were not wrong, but one question late.`,
    `So that night she wrote down a question to which she already knew the answer, and under it, quickly, the one that she really meant.`,
  ];
  const end = [
    pick([
      `On the ninth day the water rose, as water does, and stopped a hand’s breadth below the third stair. Every house in the village had its chairs on the tables by then. Nobody could say who had told them.`,
      `On the ninth day nothing happened, so thoroughly that people remembered it for years. Each of them, at about noon, had been about to do something stupid, and had been called away.`,
    ]),
    `The notebook is back under the stair. On its last page, in two hands, stands the whole of what ${name} ever said about ${subject}: *It came one word at a time. I did not wait for the end. I read as it came.*`,
  ];
  return paragraphs(`# ${capitalize(subject)}`, ...start, ...(isLong ? middle : middle.slice(2, 4)), ...end);
}
