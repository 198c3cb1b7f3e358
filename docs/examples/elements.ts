import { streamObject, type LLMClient } from '@rivulet/core';
import { z } from 'zod';

const city = z.object({ name: z.string(), population: z.number() });

export async function listCities(client: LLMClient, country: string, add: (name: string) => void): Promise<number> {
  const run = streamObject(client, { prompt: `The ten largest cities of ${country}`, array: city, maxRepairs: 1 });
  for await (const { name } of run.elementStream) add(name); // each one once, checked
  const { object } = await run.result;
  return object.reduce((sum, { population }) => sum + population, 0);
}
