import {
  type AbortError,
  LLMClient,
  streamObject,
  valueAt,
  type FieldStatus,
  type ObjectSnapshot,
  type Path,
  type StandardSchema,
} from '@rivulet/core';
import { scripted } from '@rivulet/core/scripted';
import * as fc from 'fast-check';
import { expect, it } from 'vitest';
import { z } from 'zod';
import { pieces } from '../json/pieces.ts';
import { failureOf, readAll, settled } from '../support/client.ts';

const anything: StandardSchema = { '~standard': { version: 1, vendor: 'own', validate: (value) => ({ value }) } };
const ORDER: readonly FieldStatus[] = ['absent', 'streaming', 'complete'];

/** All paths of a value, its own included. */
function pathsOf(value: unknown, path: Path = []): Path[] {
  if (typeof value !== 'object' || !value) return [path];
  const entries = Array.isArray(value) ? [...value.entries()] : Object.entries(value);
  return [path, ...entries.flatMap(([key, item]) => pathsOf(item, [...path, key]))];
}

/** Streams a document in these pieces, and hands over what is shown after each of them. */
async function stream(
  parts: readonly string[],
  look: (snapshot: ObjectSnapshot<unknown, unknown>) => void,
): Promise<unknown> {
  let shown = (): void => undefined;
  const client = new LLMClient({
    provider: scripted(async function* () {
      for (const part of parts) {
        yield part;
        // The pieces before have been read by then.
        for (let turn = 0; turn < 20; turn += 1) await Promise.resolve();
        shown();
      }
    }),
  });
  const run = streamObject(client, { prompt: 'x', schema: anything, jsonSchema: { type: 'object' } });
  shown = () => look(run.getSnapshot());
  return (await run.result).object;
}

it('what is called complete is what it will be, and no status goes back', async () => {
  await fc.assert(
    fc.asyncProperty(
      fc.dictionary(fc.string(), fc.jsonValue({ maxDepth: 4 }), { minKeys: 1, maxKeys: 6 }),
      fc.array(fc.integer({ min: 1, max: 30 }), { minLength: 1, maxLength: 6 }),
      async (document, sizes) => {
        const value = JSON.parse(JSON.stringify(document)) as Record<string, unknown>;
        const paths = pathsOf(value);
        const reached = new Map<Path, number>();
        const object = await stream(pieces(JSON.stringify(value), sizes), (snapshot) => {
          for (const path of paths) {
            const now = ORDER.indexOf(snapshot.fieldStatus(path));
            const isOld = now === reached.get(path);
            const shown = valueAt(snapshot.object, path);
            // Most paths are as they were: only what changed is worth an expectation.
            if (isOld && now === 2) continue;
            expect(now).toBeGreaterThanOrEqual(reached.get(path) ?? 0);
            reached.set(path, now);
            if (now === 2) expect(shown).toEqual(valueAt(value, path));
            if (now === 0) expect(shown).toBeUndefined();
          }
        });
        expect(object).toEqual(value);
      },
    ),
    { numRuns: 60 },
  );
});

it('also where so much is open that a snapshot may be older than the last piece', async () => {
  const value = {
    wide: Object.fromEntries(Array.from({ length: 150 }, (_, index) => [`key ${index}`, `value ${index}`])),
    long: Array.from({ length: 2500 }, (_, index) => (index % 3 ? index : `item ${index}`)),
  };
  const paths = pathsOf(value);
  let looks = 0;
  let older = 0;
  await stream(pieces(JSON.stringify(value), [7]), (snapshot) => {
    looks += 1;
    if (looks % 60) return;
    for (const path of paths) {
      const status = snapshot.fieldStatus(path);
      const shown = valueAt(snapshot.object, path);
      if (status === 'complete' && typeof shown !== 'object') expect(shown).toBe(valueAt(value, path));
      if (status === 'streaming' && typeof shown === 'string') older += 1;
    }
  });
  expect(looks).toBeGreaterThan(1000);
  expect(older).toBeGreaterThan(0);
});

it('a stop at any moment, also between two answers, keeps what was shown then', async () => {
  const element = z.object({ n: z.number().refine(async () => Promise.resolve(true)) });
  await fc.assert(
    fc.asyncProperty(fc.nat({ max: 150 }), fc.nat({ max: 8 }), fc.boolean(), async (turns, tasks, isList) => {
      const answers = isList ? ['[{"n":"x"},{"n":2}]', '[{"n":1},{"n":2}]'] : ['{"n":"x"}', '{"n":1}'];
      const client = new LLMClient({ provider: scripted(() => pieces(answers.shift() ?? '', [1])) });
      const request = { prompt: 'x', maxRepairs: 1, ...(isList ? { array: element } : { schema: element }) };
      const run = streamObject(client, request as { schema: typeof element });
      const reading = [readAll(run.partialStream), readAll(run.elementStream)];
      for (let turn = 0; turn < turns; turn += 1) await Promise.resolve();
      for (let task = 0; task < tasks; task += 1) await new Promise((resolve) => setImmediate(resolve));
      const before = run.getSnapshot();
      run.abort('enough');
      const { object, status, finishReason, final } = run.getSnapshot();
      if (before.status === 'ready') {
        expect(run.getSnapshot()).toBe(before);
        await run.result;
        return;
      }
      expect({ status, finishReason, final }).toEqual({ status: 'ready', finishReason: 'aborted', final: undefined });
      const error = await failureOf(run.result);
      expect(error).toMatchObject({ name: 'AbortError', cause: 'enough' });
      expect((error as AbortError).partial?.object).toBe(object);
      for (const { error: thrown } of await Promise.all(reading)) expect(thrown).toBe(error);
      const after = run.getSnapshot();
      expect(after).toMatchObject({ status: 'ready', finishReason: 'aborted', final: undefined });
      expect(after.object).toBe(object);
      await settled();
      expect(run.getSnapshot()).toBe(after);
    }),
    { numRuns: 150 },
  );
});
