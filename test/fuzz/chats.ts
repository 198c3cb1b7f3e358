import { playChat } from '../../packages/core/test/chat/model.ts';
import type { Fuzzer } from './fuzzer.ts';

/** Random conversations with a model, tools, a user and a page that do anything at any time. */
export const chats: Fuzzer = {
  name: 'chats',
  // packages/core/test/chat/model.test.ts plays these.
  casesInTests: 0,
  async run(seed) {
    const { log, violations } = await playChat(seed);
    return violations.length > 0 ? [...violations, log.join(', ')] : [];
  },
};
