import type { Brief } from './brief.ts';

/** A subject that the demo model knows something about. */
export interface Topic {
  title: string;
  /** All of them must occur in the prompt. */
  mentions: readonly RegExp[];
  opening: string;
  points: readonly string[];
  /** Shown when a long answer is asked for. */
  sections: readonly { title: string; text: string }[];
  closing: string;
  reasoning?: string;
}

const topics: readonly Topic[] = [
  {
    title: 'How tokens reach this page',
    mentions: [
      /\b(tokens?|stream(s|ed|ing)?|sse|chunks?)\b/i,
      /\b(page|browser|model|react|screen|work|reach|arrive)/i,
    ],
    opening:
      'A model writes one token at a time, a token being a word or a piece of one. Nothing forces a page to wait for the last of them: the server can send each one as it is made, and the page can show it as it comes.',
    points: [
      'The page sends one POST with `stream: true` and keeps the connection open.',
      'The server answers with `text/event-stream`: lines that start with `data:`, a blank line after each event.',
      'The network cuts those bytes wherever it likes, even inside a character, so the reader must carry the rest of a line over to the next chunk.',
      'Each event holds a delta. Adding deltas costs as much as the delta; rendering the whole text again for each would cost more with every token.',
      'The page draws at most once a frame, however fast the tokens come.',
      'The last event says why the text ended. A stream that stops without it was cut off, and should never be shown as a complete answer.',
    ],
    sections: [
      {
        title: 'Why the end matters',
        text: 'A closed connection looks the same whether the model was done or a proxy lost patience. Only the finish reason tells the two apart: `stop` for a complete answer, `length` for one that met its limit. A client that treats silence as success will now and then show half an answer as a whole one, and nobody will notice until it matters.',
      },
      {
        title: 'Why the start matters',
        text: 'People forgive a slow answer more easily than a silent one. The time to the first token is what makes a page feel quick; after that, any rate above reading speed (about five words a second) feels the same.',
      },
    ],
    closing: 'The strip above the answer shows both: the flat stretch before the first token, and the flow after it.',
  },
  {
    title: 'How a river finds the sea',
    mentions: [/\b(rivers?|streams?|rivulets?|brooks?|creeks?|delta|watershed)\b/i],
    opening:
      'A river knows nothing of the sea. At each point its water does one thing only: it moves to the lowest place it can reach. Put enough of these small decisions one after the other and a path to the coast appears.',
    points: [
      'Rain that the ground cannot hold runs off in sheets, then in rills a finger wide. Where two rills meet, the water is deeper, faster, and cuts more.',
      'So channels that are ahead get further ahead. From the air, the result branches like a tree.',
      'A hollow in the way becomes a lake. The lake rises until it finds the lowest point of its rim, spills there, and saws the outlet down.',
      'On flat land the water is quick on the outside of a bend and slow on the inside: it eats one bank and builds up the other, and a slight curve grows into a meander.',
      'Where the river meets still water it drops what it carries. The deposit blocks its own mouth, the water splits around it, and a delta grows.',
    ],
    sections: [
      {
        title: 'The long profile',
        text: 'Drawn from source to mouth, most rivers make the same curve: steep at the start, almost level at the end. Upstream there is little water, and it needs a slope to move stones; downstream there is a lot, and it carries sand over hardly any slope at all. When the sea falls, or the land rises, the river starts again from the mouth, and the step works its way upstream as a waterfall.',
      },
      {
        title: 'How long it takes',
        text: 'A drop in a big river travels at about a walking pace, a few kilometres an hour; from a mountain spring to the coast it may take some weeks, and years if a lake lies between. The valley takes a million times longer. Some rivers are older than the mountains they cross: the rock rose so slowly that the water kept its level and cut straight through.',
      },
    ],
    closing: 'A good deal of design works like this: no plan, one local rule, and patience.',
  },
  {
    title: 'Why there are two tides a day',
    mentions: [/\b(tides?|tidal|ebb)\b/i],
    opening:
      'The Moon pulls on the near side of the Earth a little more than on its centre, and on the centre a little more than on the far side. What is left after taking the average away stretches the ocean along the line to the Moon, at both ends.',
    points: [
      'Two ends, two bulges: a coast that turns with the Earth passes both, so most coasts see two high tides.',
      'While the Earth turns once, the Moon moves on. The cycle is 24 hours and 50 minutes, which is why high water comes later every day.',
      'The Sun does the same with a little under half the strength. At new and full moon the two add up (spring tides), at half moon they partly cancel (neap tides).',
      'Coasts and basins decide the rest. In a bay whose own rhythm fits, such as the Bay of Fundy, the range exceeds 15 metres; in the Mediterranean it is hardly seen.',
    ],
    sections: [
      {
        title: 'A wave, not a bulge',
        text: 'The two bulges are the force, not the water. The continents are in the way, so the water answers as a set of long waves that turn around points where there is no tide at all. Tide tables are therefore not computed from the force but fitted to measurements, with some dozens of known periods.',
      },
      {
        title: 'What it costs',
        text: 'Water that rubs over shallow sea floors takes energy from the Earth’s rotation. The day grows by about two milliseconds a century, and the Moon moves away by 3.8 centimetres a year.',
      },
    ],
    closing: 'So the sea is a clock with two hands, one for the Moon and one for the Sun.',
  },
  {
    title: 'What makes bread rise',
    mentions: [/\b(bread|sourdough|dough|yeast|baking|bake)\b/i],
    opening:
      'Bread is a foam that was set by heat. Flour gives the skin of the bubbles, yeast fills them, and the oven fixes them before they can burst.',
    points: [
      'Wet flour forms gluten: two proteins that link into a net which stretches and springs back.',
      'Yeast eats sugar and gives off carbon dioxide. The gas dissolves in the dough and comes out where there is a bubble already; kneading is what puts those there.',
      'Folding lines the net up. A dough that holds its shape is one whose net is tight on the outside.',
      'In the oven the gas expands, water turns to steam, and the loaf jumps. Near 70 °C starch and protein set, and the foam becomes a sponge.',
      'The crust browns only above 140 °C, so it stays pale until its water has gone.',
    ],
    sections: [
      {
        title: 'Why time tastes',
        text: 'Yeast alone makes gas and alcohol. Bacteria, given a night, add lactic and acetic acid, which taste, keep mould away, and let the flour’s own enzymes free some sugar for the crust. A dough in the refrigerator rises slowly and ripens almost at its usual pace; that is the whole trick of an overnight loaf.',
      },
      {
        title: 'How to tell it is ready',
        text: 'Press a floured finger into the dough. If the dent springs back at once, it needs more time; if it comes back slowly and not all the way, bake it; if it stays, bake it now and expect it flat.',
      },
    ],
    closing: 'Four ingredients, and the fifth is patience.',
  },
  {
    title: 'Piano tuners: an estimate',
    mentions: [/\bpiano tuners?\b/i],
    opening:
      'About 25, give or take a factor of two. Nobody has to count: the number follows from how much tuning there is and how much one person can do.',
    points: [
      'Greater Lisbon has some 2.9 million people, in about 1.2 million homes.',
      'Say one home in 40 has a piano: 30,000. Schools, churches and stages add a few thousand; call it 33,000.',
      'Many are furniture. If the average piano is tuned once in 2 years, that is 16,500 tunings a year.',
      'A tuner does 3 a day with the travel, 220 days a year: 660.',
      '16,500 ÷ 660 = 25.',
    ],
    sections: [
      {
        title: 'Where it may be wrong',
        text: 'The weakest guess is the share of homes with a piano; it may be half or double. The next is how often an owner calls. The errors partly cancel, which is why such an estimate is usually nearer than it deserves.',
      },
    ],
    closing: 'For another city, keep the chain and change the first number.',
    reasoning:
      'This is a Fermi estimate: find a chain of numbers that each can be guessed within a factor of two. People → homes → pianos → tunings a year → tunings per tuner. Take 2.9 million people at 2.4 to a home: 1.2 million homes. One piano in 40 homes: 30,000, with institutions 33,000. A tuning every second year: 16,500. Three a day on 220 days: 660 per tuner. 16,500 ÷ 660 = 25. Check from the other side: 25 tuners for 33,000 pianos is 1,320 pianos each, half of them in a year. Plausible.',
  },
];

export function findTopic(brief: Brief): Topic | undefined {
  return topics.find(({ mentions }) => mentions.every((mention) => mention.test(brief.prompt)));
}
