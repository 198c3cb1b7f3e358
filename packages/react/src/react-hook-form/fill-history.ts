import { createFillSession, type FillSession } from './fill-session.ts';
import type { FilledForm } from './filled-form.ts';
import type { AnyRun, Place } from './field-tree.ts';
import type { RunTarget } from './run-writer.ts';

/** The sessions of a form: those that are under way, and those that can be undone. */
export interface FillHistory {
  readonly live: readonly FillSession[];
  readonly canUndo: boolean;
  /** Follows a run until it ends. */
  begin(target: RunTarget): FillSession;
  /** Writes what has come. */
  sync(session: FillSession): void;
  /** Writes to a place what has come for it. */
  writeTo(place: Place): void;
  /** Puts the suggestion into a field. */
  accept(place: Place, name: string): void;
  close(session: FillSession): void;
  /** Ends a session at once: nothing that has come is written any more. */
  interrupt(session: FillSession): void;
  /** Takes away rows that were left because the caret was there. */
  trim(): void;
  /** The form was given other values: steps of which nothing is left are none. */
  forget(): void;
  /** Closes the last one and takes it back, and gives its run. */
  undo(): AnyRun | undefined;
}

export function createFillHistory(page: FilledForm, notify: () => void): FillHistory {
  /** The last one is the first to go. */
  let history: FillSession[] = [];
  /** Each with what stops following its run. */
  const live = new Map<FillSession, () => void>();
  const sessions = new WeakMap<AnyRun, FillSession>();

  function end(session: FillSession): void {
    live.get(session)?.();
    if (!live.delete(session)) return;
    page.followed.touchWithin(session.target);
    session.showAgain();
    // Who asked for another value, and got none that fits, keeps what was there.
    const isInVain = session.isRefill && session.run.getSnapshot().final === undefined;
    if (isInVain) session.takeBack();
    else if (session.hasWritten) return;
    else session.letGo();
    history = history.filter((one) => one !== session);
  }

  function close(session: FillSession): void {
    if (session.isOwn) session.run.abort();
    end(session);
  }

  function sync(session: FillSession): void {
    if (page.isResetting) return;
    if (!session.sync()) end(session);
    notify();
  }

  function writerOf({ source }: Place): FillSession | undefined {
    return source && sessions.get(source.run);
  }

  /** It may have ended without a trace, and is to be undone after all. */
  function keep(session: FillSession): void {
    if (!history.includes(session)) history.push(session);
  }

  return {
    get live() {
      return [...live.keys()];
    },
    get canUndo() {
      return history.some(({ hasWritten }) => hasWritten);
    },
    begin(target) {
      const { run } = target;
      const session: FillSession = createFillSession(page, target, {
        isKept: () => history.includes(session),
        notify,
      });
      sessions.set(run, session);
      history.push(session);
      live.set(
        session,
        run.subscribe(() => sync(session)),
      );
      return session;
    },
    sync,
    writeTo(place) {
      const session = writerOf(place);
      session?.writeTo(place);
      if (session?.hasWritten) keep(session);
    },
    accept(place, name) {
      const session = writerOf(place);
      if (!place.suggestion || !session) return;
      keep(session);
      session.accept(place, name, place.suggestion.value);
    },
    close,
    interrupt(session) {
      end(session);
      if (session.isOwn) session.run.abort();
    },
    trim() {
      for (const session of history) session.trim();
    },
    forget() {
      for (const session of history) session.forget();
      history = history.filter((session) => live.has(session) || session.hasWritten);
    },
    undo() {
      const session = history.pop();
      if (!session) return undefined;
      // What it has to tell of its end would render rows that go.
      live.get(session)?.();
      live.delete(session);
      session.takeBack();
      if (session.isOwn) session.run.abort();
      return session.run;
    },
  };
}
