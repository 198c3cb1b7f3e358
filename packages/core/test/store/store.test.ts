import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import { createPacedStore, type PacedStore } from '../../src/store/store.ts';

/** The frames of a page, which come when the test says so. */
const page = {
  frames: new Map<number, () => void>(),
  count: 0,
  document: { hidden: false, visibilityState: 'visible' },
};

function stubPage(): void {
  page.frames.clear();
  Object.assign(page.document, { hidden: false, visibilityState: 'visible' });
  vi.stubGlobal('requestAnimationFrame', (callback: () => void) => {
    page.count += 1;
    page.frames.set(page.count, callback);
    return page.count;
  });
  vi.stubGlobal('cancelAnimationFrame', (id: number) => page.frames.delete(id));
  vi.stubGlobal('document', page.document);
}

function hide(): void {
  Object.assign(page.document, { hidden: true, visibilityState: 'hidden' });
}

function frame(): void {
  const callbacks = [...page.frames.values()];
  page.frames.clear();
  for (const callback of callbacks) callback();
}

/** A store that counts, and what its listener was told. */
function counter(): { store: PacedStore<{ count: number }>; add: () => void; told: number[]; folds: () => number } {
  let count = 0;
  let folds = 0;
  const told: number[] = [];
  const store = createPacedStore(() => {
    folds += 1;
    return { count };
  });
  return {
    store,
    told,
    folds: () => folds,
    add() {
      count += 1;
      store.invalidate();
    },
  };
}

/** A counter that somebody listens to. */
function watched(): ReturnType<typeof counter> & { unsubscribe: () => void } {
  const made = counter();
  const unsubscribe = made.store.subscribe(() => made.told.push(made.store.getSnapshot().count));
  return { ...made, unsubscribe };
}

beforeEach(() => {
  vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
  stubPage();
});

afterEach(() => {
  vi.useRealTimers();
  vi.unstubAllGlobals();
});

describe('in a page that is seen, a listener', () => {
  it('is told at most once a frame, with all that has come', () => {
    const { add, told } = watched();
    for (let at = 0; at < 100; at += 1) add();
    expect(told).toEqual([]);
    expect(page.frames.size).toBe(1);
    expect(vi.getTimerCount()).toBe(1);

    frame();
    expect(told).toEqual([100]);
    frame();
    expect(told).toEqual([100]);
    add();
    add();
    frame();

    expect(told).toEqual([100, 102]);
  });

  it('is told the last change, though nothing comes after it', () => {
    const { add, told } = watched();
    add();
    frame();
    add();
    frame();

    expect(told).toEqual([1, 2]);
  });

  it('is told while changes keep coming, and not only when they pause', () => {
    const { add, told } = watched();
    for (let at = 0; at < 10; at += 1) {
      add();
      frame();
      add();
    }

    expect(told).toHaveLength(10);
  });

  it('is told of 10,000 changes as often as there are frames', () => {
    const { add, told } = watched();
    for (let at = 0; at < 10_000; at += 1) {
      add();
      if (at % 1000 === 999) frame();
    }

    expect(told).toEqual([1000, 2000, 3000, 4000, 5000, 6000, 7000, 8000, 9000, 10_000]);
  });

  it('is told at once by a flush, and not again with the frame', () => {
    const { store, add, told } = watched();
    add();
    store.flush();
    expect(told).toEqual([1]);
    frame();
    vi.runAllTimers();

    expect(told).toEqual([1]);
  });

  it('is told by a timer if no frame comes, and then not by the frame', () => {
    const { add, told } = watched();
    add();

    vi.advanceTimersByTime(1000);
    expect(told).toEqual([1]);
    frame();
    expect(told).toEqual([1]);
    expect(vi.getTimerCount()).toBe(0);
  });

  it('is not told by the timer what the frame has told', () => {
    const { add, told } = watched();
    add();
    frame();
    vi.runAllTimers();

    expect(told).toEqual([1]);
  });
});

describe('where there are no frames, a listener is told by a timer', () => {
  it('in a hidden tab', () => {
    hide();
    const { add, told } = watched();
    for (let at = 0; at < 100; at += 1) add();
    expect(told).toEqual([]);

    vi.advanceTimersByTime(50);

    expect(told).toEqual([100]);
  });

  it('in a tab that is hidden before the frame comes', () => {
    const { add, told } = watched();
    add();
    hide();

    vi.advanceTimersByTime(1000);

    expect(told).toEqual([1]);
  });

  it('in Node', () => {
    vi.stubGlobal('requestAnimationFrame', undefined);
    vi.stubGlobal('cancelAnimationFrame', undefined);
    vi.stubGlobal('document', undefined);
    const { add, told } = watched();
    for (let at = 0; at < 100; at += 1) add();
    vi.advanceTimersByTime(50);
    add();
    vi.advanceTimersByTime(50);

    expect(told).toEqual([100, 101]);
  });

  it('in a worker, which may have frames but has no document', () => {
    vi.stubGlobal('document', undefined);
    const { add, told } = watched();
    add();
    frame();

    expect(told).toEqual([1]);
  });
});

describe('a snapshot', () => {
  it('does not change between notifications while there are listeners', () => {
    const { store, add } = watched();
    const before = store.getSnapshot();
    add();
    expect(store.getSnapshot()).toBe(before);

    frame();

    expect(store.getSnapshot()).toEqual({ count: 1 });
    expect(store.getSnapshot()).toBe(store.getSnapshot());
  });

  it('is that of the moment where nobody listens, and made only when it is read', () => {
    const { store, add, folds } = counter();
    for (let at = 0; at < 100; at += 1) add();
    expect(folds()).toBe(0);

    expect(store.getSnapshot()).toEqual({ count: 100 });
    expect(store.getSnapshot()).toBe(store.getSnapshot());
    add();
    expect(store.getSnapshot()).toEqual({ count: 101 });

    expect(folds()).toBe(2);
    expect(page.frames.size + vi.getTimerCount()).toBe(0);
  });

  it('is that of the moment when the first listener comes, and after the last one has left', () => {
    const { store, add } = counter();
    add();
    const unsubscribe = store.subscribe(() => undefined);
    expect(store.getSnapshot()).toEqual({ count: 1 });
    add();
    unsubscribe();

    expect(store.getSnapshot()).toEqual({ count: 2 });
  });

  it('is folded once for a notification, however many listeners read it', () => {
    const { store, add, folds } = counter();
    for (let at = 0; at < 5; at += 1) store.subscribe(() => store.getSnapshot());
    const before = folds();
    add();
    frame();

    expect(folds() - before).toBe(1);
  });
});

describe('several listeners', () => {
  it('are told in one go, and each unsubscribes for itself', () => {
    const { store, add } = counter();
    const told: string[] = [];
    const first = store.subscribe(() => told.push('first'));
    const second = store.subscribe(() => told.push('second'));
    add();
    frame();
    expect(told).toEqual(['first', 'second']);

    first();
    first();
    add();
    frame();
    expect(told).toEqual(['first', 'second', 'second']);

    second();
    add();
    frame();
    vi.runAllTimers();
    expect(told).toHaveLength(3);
  });

  it('may come and go while they are told', () => {
    const { store, add } = counter();
    const told: string[] = [];
    const unsubscribe = store.subscribe(() => {
      told.push('first');
      unsubscribe();
      store.subscribe(() => told.push('late'));
    });
    store.subscribe(() => told.push('second'));
    add();
    frame();
    expect(told).toEqual(['first', 'second']);

    add();
    frame();
    expect(told).toEqual(['first', 'second', 'second', 'late']);
  });
});

describe('a listener that has left', () => {
  it('is not told what was waiting for the frame', () => {
    const { add, told, unsubscribe } = watched();
    add();
    unsubscribe();
    frame();
    vi.runAllTimers();

    expect(told).toEqual([]);
  });

  it('does not keep another one, who comes in that frame, from being told', () => {
    const { store, add, unsubscribe } = watched();
    add();
    unsubscribe();
    const told: number[] = [];
    store.subscribe(() => told.push(store.getSnapshot().count));
    add();
    frame();

    expect(told).toEqual([2]);
  });
});
