import {
  checkIdleTab,
  checkReloads,
  checkTwoTabs,
  steps,
  stepsInTabs,
} from '../../packages/core/test/chat/storage/persistence-model.ts';
import { createDice } from './dice.ts';
import { described, type Fuzzer } from './fuzzer.ts';

/** Chats in a storage that fails, with reloads and two tabs. */
export const keptChats: Fuzzer = {
  name: 'kept-chats',
  // packages/core/test/chat/storage/persistence-properties.test.ts plays these.
  casesInTests: 0,
  async run(seed) {
    const dice = createDice(seed);
    const segmentSize = 1 + dice.below(5);
    if (dice.chance(0.5)) return problemsOf(checkReloads, segmentSize, dice.value(steps));
    if (dice.chance(0.4)) return problemsOf(checkIdleTab, segmentSize, dice.value(steps));
    return problemsOf(checkTwoTabs, segmentSize, dice.value(stepsInTabs));
  },
};

async function problemsOf<Script>(
  check: (segmentSize: number, script: Script) => Promise<void>,
  segmentSize: number,
  script: Script,
): Promise<string[]> {
  try {
    await check(segmentSize, script);
    return [];
  } catch (error) {
    return [`${described(error)}: ${JSON.stringify([segmentSize, script])}`];
  }
}
