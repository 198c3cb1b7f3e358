import type { Store } from '../store/store.ts';
import type { ObjectSnapshot } from './object-run.ts';

/** The object as it grows, at most once a frame. Throws what `result` rejects with. */
export async function* partialsOf<Partial>(
  store: Store<ObjectSnapshot<unknown, Partial>>,
  result: Promise<unknown>,
): AsyncGenerator<Partial, void> {
  let last: Partial | undefined;
  for (;;) {
    const { object, status } = store.getSnapshot();
    if (object !== undefined && object !== last) yield (last = object);
    else if (status === 'ready' || status === 'error') return void (await result);
    else
      await new Promise<void>((resolve) => {
        const stop = store.subscribe(() => {
          stop();
          resolve();
        });
      });
  }
}
