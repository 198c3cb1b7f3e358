import {
  checkIdleTab,
  checkReloads,
  checkTwoTabs,
  steps,
  stepsInTabs,
} from '../../packages/core/test/chat/persistence-model.ts';
import { createDice } from './dice.ts';
import { described, type Fuzzer } from './fuzzer.ts';

/** Chats in a storage that fails, with reloads and two tabs. */
export const keptChats: Fuzzer = {
  name: 'kept-chats',
  // packages/core/test/chat/persistence-properties.test.ts plays these.
  casesInTests: 0,
  async run(seed) {
    const dice = createDice(seed);
    if (dice.chance(0.5)) return problemsOf(checkReloads, dice.value(steps));
    if (dice.chance(0.4)) return problemsOf(checkIdleTab, dice.value(steps));
    return problemsOf(checkTwoTabs, dice.value(stepsInTabs));
  },
};

async function problemsOf<Script>(check: (script: Script) => Promise<void>, script: Script): Promise<string[]> {
  try {
    await check(script);
    return [];
  } catch (error) {
    return [`${described(error)}: ${JSON.stringify(script)}`];
  }
}
