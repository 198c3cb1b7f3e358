import { streamObject, ValidationError, type LLMClient } from '@rivulet/core';
import { z } from 'zod';

const recipe = z.object({
  title: z.string(),
  kind: z.enum(['soup', 'salad', 'dessert']),
  servings: z.number().default(4),
  steps: z.array(z.object({ text: z.string(), minutes: z.number() })),
});

export async function cook(
  client: LLMClient,
  dish: string,
  show: (text: string) => void,
): Promise<z.output<typeof recipe> | undefined> {
  const run = streamObject(client, { prompt: `A recipe for ${dish}`, schema: recipe });
  try {
    for await (const { title, steps = [] } of run.partialStream) show(`${title}: ${steps.length} steps so far`);
    return (await run.result).object; // closed, checked, with its defaults
  } catch (error) {
    if (!(error instanceof ValidationError)) throw error;
    for (const { path, message } of error.issues) show(`${path.join('.')}: ${message}`);
    return undefined;
  }
}
