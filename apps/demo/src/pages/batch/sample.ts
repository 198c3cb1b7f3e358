import type { Table } from './table.ts';

/** What a template is before anyone has written one. */
export function defaultTemplate(columns: readonly string[]): string {
  return `Give the sentiment, and the gist in one line.\n\n${columns.map((column) => `{{${column}}}`).join('\n')}`;
}

export const SAMPLE_TEMPLATE =
  'Give the sentiment of this review of a {{product}}, and its gist in one line.\n\n{{review}}';

export const FAULT_TEMPLATE = '{{line}}';
/** Each of these makes the demo's own model fail, or not, in a way of its own. */
export const FAULT_LINES = [
  'Give the sentiment of this: The kettle arrived with a cracked lid.',
  'Fail',
  'Be busy for a moment',
  'Reach the token limit',
  'Cut the answer off',
  'Exceed the context',
  'Give the sentiment of this: The lamp is a joy on dark mornings.',
].join('\n');

export const SAMPLE: Table = {
  name: 'Sample: product reviews',
  columns: ['product', 'review'],
  rows: [
    ['kettle', 'Boils a full litre before I have found the tea. Love it.'],
    ['kettle', 'The lid cracked in the second week. I expected more for the price.'],
    ['kettle', 'It boils water. It is a kettle.'],
    ['desk lamp', 'Warm light, no flicker, and the arm stays exactly where I put it. Excellent.'],
    ['desk lamp', 'The switch broke after a month and nobody answers my mails. Terrible service.'],
    ['desk lamp', 'Bright enough. The base takes more of the desk than the photos suggest, but it is solid.'],
    ['backpack', 'Three weeks of rain in Galicia and everything inside stayed dry. Perfect.'],
    ['backpack', 'A strap tore on the first hike. I returned it.'],
    ['backpack', 'Comfortable with ten kilos, tiring with fifteen.'],
    ['headphones', 'The noise of the train is simply gone. Best purchase of the year!'],
    ['headphones', 'They hurt after an hour, and the sound is flat and disappointing.'],
    ['headphones', 'Good sound, poor microphone: callers ask whether I am in a tunnel.'],
    ['coffee grinder', 'Even grind from espresso to French press, and surprisingly quiet. Great.'],
    ['coffee grinder', 'Loud, slow, and it sprays grounds all over the counter. Awful.'],
    ['coffee grinder', 'It grinds coffee. The container holds enough for two cups.'],
    ['bicycle bell', 'A clear, friendly ring that people actually hear. Wonderful little thing.'],
    ['bicycle bell', 'Rusted after the first rain. A waste of money.'],
    ['bicycle bell', 'Does what a bell does.'],
    ['umbrella', 'Survived a storm that bent two others in my street. Sturdy and beautiful.'],
    ['umbrella', 'Turned inside out at the first gust and never closed again. Useless.'],
    ['umbrella', 'Small enough for a handbag, and large enough for one.'],
    ['notebook', 'The paper takes ink without bleeding, and it lies flat. I love writing in it.'],
    ['notebook', 'Pages fall out when you open it wide. Cheap glue, bad binding.'],
    ['notebook', 'Ninety-six pages, dotted, grey cover.'],
    ['frying pan', 'Eggs slide off as promised, even after half a year. Fantastic.'],
    ['frying pan', 'The coating peeled off into the food. Dangerous, avoid.'],
    ['frying pan', 'Heavy, heats evenly, and needs both hands.'],
    ['alarm clock', 'Wakes me gently with light; my mornings are better than ever.'],
    ['alarm clock', 'It loses four minutes a day. An alarm clock that is late is a broken promise.'],
    ['alarm clock', 'Shows the time in green. There is no dimmer.'],
    ['garden hose', 'No kinks, no leaks, rolls up like a charm. Happy with it.'],
    ['garden hose', 'The connector leaks whatever I do, and the refund was refused.'],
    ['garden hose', 'Twenty metres, as stated.'],
    ['board game', 'Easy to learn, and my kids ask for it every evening. Delightful!'],
    ['board game', 'The rules contradict themselves, and two cards were missing. Frustrating.'],
    ['board game', 'Takes ninety minutes with four players.'],
    ['rain jacket', 'Light, breathes well, and the hood fits over a helmet. Great for cycling.'],
    ['rain jacket', 'Soaked through after twenty minutes. The seams are poor.'],
    ['rain jacket', 'Runs one size large.'],
    ['mechanical keyboard', 'Crisp keys and a battery that lasts for weeks. My fingers are happy.'],
  ],
};
