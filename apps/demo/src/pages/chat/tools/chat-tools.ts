import { tool, type Chat, type ChatMessage, type ChatToolCallPart, type ChatToolResultPart } from '@rivulet/core/chat';
import { z } from 'zod';
import { evaluate } from './evaluate.ts';

/** What the model may call. All of them work in the page. */
export const chatTools = {
  clock: tool({
    description: 'Tells the date and the time at a place.',
    inputSchema: z.object({ timeZone: z.string().describe('An IANA time zone, such as Asia/Tokyo') }),
    execute: ({ timeZone }) => {
      const now = new Date();
      const time = new Intl.DateTimeFormat('en-GB', { timeZone, timeStyle: 'short' }).format(now);
      const date = new Intl.DateTimeFormat('en-GB', { timeZone, dateStyle: 'full' }).format(now);
      return { time, date };
    },
  }),
  calculator: tool({
    description: 'Works out an arithmetic expression exactly. Use it for every calculation.',
    inputSchema: z.object({ expression: z.string().describe('Such as (2 + 3) * 4, 2^10 or sqrt(2)') }),
    execute: ({ expression }) => ({ result: evaluate(expression) }),
  }),
  send_email: tool({
    description: 'Sends an email in the name of the user, who is asked first.',
    inputSchema: z.object({ to: z.string(), subject: z.string(), body: z.string() }),
    hasEffects: true,
    execute: ({ to }) => ({
      answer: `The mail to ${to} was handed over. This demo has no mail server, so it ends here.`,
    }),
  }),
  // Without `execute`: the person answers.
  pick_colour: tool({
    description: 'Lets the user pick a colour. Use it when a colour has to be chosen.',
    inputSchema: z.object({ question: z.string() }),
  }),
};

export type ChatTools = typeof chatTools;
export type DemoChat = Chat<ChatTools>;
export type DemoMessage = ChatMessage<ChatTools>;
export type DemoCall = ChatToolCallPart<ChatTools>;
export type DemoResult = ChatToolResultPart<ChatTools>;
