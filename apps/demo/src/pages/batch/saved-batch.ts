import { storageCheckpoints, type CheckpointStore } from '@rivulet/core';
import type { Asked } from './submission.ts';

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
    // Some browsers return a storage whose methods throw.
    storage.getItem(BATCH_KEY);
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

/** The batch, if it has the form that this version of the page writes. */
function readAsked(json: string | null): Asked | null {
  try {
    const asked: unknown = JSON.parse(json ?? 'null');
    return isAsked(asked) ? asked : null;
  } catch {
    return null;
  }
}

function isAsked(value: unknown): value is Asked {
  if (!isObject(value) || !isObject(value['table'])) return false;
  const { id, template, model, temperature, concurrency, providerId } = value;
  const { name, columns, rows } = value.table;
  return (
    typeof id === 'number' &&
    typeof template === 'string' &&
    typeof model === 'string' &&
    (temperature === null || typeof temperature === 'number') &&
    typeof concurrency === 'number' &&
    typeof providerId === 'string' &&
    (name === undefined || typeof name === 'string') &&
    isListOfText(columns) &&
    Array.isArray(rows) &&
    rows.every((row) => isListOfText(row) && row.length === columns.length)
  );
}

function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isListOfText(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.every((item) => typeof item === 'string');
}
