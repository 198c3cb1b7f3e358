import { tool } from '@rivulet/core/chat';
import * as z from 'zod';

export const tools = {
  clock: tool({
    description: 'The time in a time zone',
    inputSchema: z.object({ zone: z.string() }),
    execute: ({ zone }) => new Date().toLocaleTimeString('en', { timeZone: zone }),
  }),
  send: tool({
    description: 'Sends a message to a contact of the user',
    inputSchema: z.object({ to: z.string(), text: z.string() }),
    hasEffects: true, // so the user is asked first
    execute: ({ to, text }, { signal }) =>
      fetch('/messages', { method: 'POST', body: JSON.stringify({ to, text }), signal }).then(({ ok }) =>
        ok ? 'sent' : 'refused',
      ),
  }),
};
