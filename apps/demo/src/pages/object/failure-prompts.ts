export interface Ending {
  id: string;
  label: string;
  description: string;
  /** What the demo's own model obeys, as the last line of a prompt. */
  line: string | null;
}

/** How the answer is to end. */
export const ENDINGS: readonly [Ending, ...Ending[]] = [
  { id: 'whole', label: 'As it should', description: 'The prompt is sent as it is.', line: null },
  ending('Cut off', 'Cut the answer off', 'the connection breaks within the JSON.'),
  ending('At the token limit', 'Reach the token limit', 'half of the JSON comes.'),
  ending('Broken', 'Break the JSON', 'what comes is no JSON.'),
  ending('Against the schema', 'Ignore the schema', 'JSON comes, with wrong types.'),
  ending('Refused', 'Refuse', 'the model declines.'),
  ending('Wrapped in prose', 'Wrap it in prose', 'the JSON stands in a fence, between sentences.'),
];

function ending(label: string, line: string, effect: string): Ending {
  return { id: line, label, description: `“${line}” is added to the prompt: ${effect}`, line };
}

export function promptWith(prompt: string, { line }: Ending): string {
  return line === null ? prompt : `${prompt.trimEnd()}\n\n${line}`;
}
