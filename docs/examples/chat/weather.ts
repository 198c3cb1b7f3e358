import { tool } from '@rivulet/core/chat';
import * as z from 'zod';

const inputSchema = { type: 'object' as const, properties: { city: { type: 'string' as const } }, required: ['city'] };

export const weather = tool({
  description: 'The weather in a city',
  inputSchema: z.fromJSONSchema(inputSchema), // checks, but has no type of its own
  execute: (input) => `It rains in ${(input as { readonly city: string }).city}.`,
});
