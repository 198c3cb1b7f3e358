import { storageCheckpoints, type CheckpointStore } from '@rivulet/core';
import type { Asked } from './asked.ts';

const BATCH_KEY = 'rivulet-demo-batch';
const UNDER_WAY_KEY = 'rivulet-demo-batch-under-way';
const ANSWER_PREFIX = 'rivulet-demo-batch:';

/** A batch that outlives the page: what was asked, whether it was under way, and the answers that came. */
export interface SavedBatch {
  checkpoints: CheckpointStore;
  /** @throws {DOMException} where the storage is full. */
  save: (asked: Asked) => void;
  load: () => Asked | null;
  setUnderWay: (isUnderWay: boolean) => void;
  isUnderWay: () => boolean;
  countAnswers: () => number;
  /** Removes what was asked, and leaves the answers. */
  drop: () => void;
}

/** `null` where the browser keeps nothing for this page. */
export function openSavedBatch(): SavedBatch | null {
  let storage: Storage;
  try {
    storage = localStorage;
  } catch {
    return null;
  }
  return {
    checkpoints: storageCheckpoints(storage, ANSWER_PREFIX),
    save(asked) {
      storage.removeItem(BATCH_KEY);
      storage.setItem(BATCH_KEY, JSON.stringify(asked));
    },
    load: () => readAsked(storage.getItem(BATCH_KEY)),
    setUnderWay(isUnderWay) {
      if (isUnderWay) storage.setItem(UNDER_WAY_KEY, 'yes');
      else storage.removeItem(UNDER_WAY_KEY);
    },
    isUnderWay: () => storage.getItem(UNDER_WAY_KEY) !== null,
    countAnswers: () => Object.keys(storage).filter((key) => key.startsWith(ANSWER_PREFIX)).length,
    drop() {
      storage.removeItem(BATCH_KEY);
      storage.removeItem(UNDER_WAY_KEY);
    },
  };
}

/** Only what this page wrote is read; what another version of it wrote is left out. */
function readAsked(json: string | null): Asked | null {
  try {
    const asked = JSON.parse(json ?? 'null') as Partial<Asked> | null;
    const isWhole = Array.isArray(asked?.table?.rows) && Array.isArray(asked.table.columns) && asked.template;
    return isWhole ? (asked as Asked) : null;
  } catch {
    return null;
  }
}
