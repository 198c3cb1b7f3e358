'use client';

import { useCallback, useEffect, useRef } from 'react';
import { createSentenceReader, type SentenceReader } from './complete-sentences.ts';
import { addLiveRegions, type LiveRegions } from './live-regions.ts';

export interface AnnouncerMessages {
  /** An answer is on its way, such as "Generating response." */
  readonly started?: string | undefined;
  /** It is complete, such as "Response complete." */
  readonly finished?: string | undefined;
  /** It was stopped, that is, `finishReason` is `aborted`. Default: nothing is said. */
  readonly stopped?: string | undefined;
  /** It failed. Interrupts what a screen reader is saying. */
  readonly failed?: string | undefined;
}

export interface UseAnnouncerOptions {
  /** That of a hook or a run. Its changes are announced. */
  readonly status?: 'ready' | 'submitted' | 'streaming' | 'error' | undefined;
  readonly finishReason?: string | undefined;
  /** What to say, in the language of the app. What is left out is not said. */
  readonly messages?: AnnouncerMessages | undefined;
  /**
   * The answer so far, as it is to be read aloud: whole sentences are announced while it comes. Default: only that it
   * has come.
   */
  readonly sentencesOf?: string | undefined;
  /** The least time between two announcements of sentences, in milliseconds. Default: 1000. */
  readonly sentencesMs?: number | undefined;
}

export interface UseAnnouncerResult {
  /** Says something else. `assertive` interrupts what is being said: for errors. Default: polite. */
  readonly announce: (message: string, politeness?: 'polite' | 'assertive') => void;
  /** Drops what was not said yet. */
  readonly clear: () => void;
}

const isUnderWay = (status: UseAnnouncerOptions['status']): boolean => status === 'submitted' || status === 'streaming';

/**
 * Tells screen readers how an answer is getting on, in live regions of its own at the end of the page: the element that
 * shows tokens must be none, or each is read. Messages stand there for seven seconds.
 *
 * The functions keep their identity. Renders nothing, and causes no render.
 */
export function useAnnouncer({
  status = 'ready',
  finishReason,
  messages = {},
  sentencesOf,
  sentencesMs = 1000,
}: UseAnnouncerOptions = {}): UseAnnouncerResult {
  const regions = useRef<LiveRegions | undefined>(undefined);
  const before = useRef(status);
  /** How much of the answer was announced. */
  const said = useRef(0);
  const reader = useRef<SentenceReader | undefined>(undefined);
  const timer = useRef<ReturnType<typeof setTimeout> | undefined>(undefined);
  const latestText = useRef(sentencesOf);

  useEffect(() => {
    regions.current = addLiveRegions();
    return () => {
      clearTimeout(timer.current);
      timer.current = undefined;
      regions.current?.remove();
      regions.current = undefined;
    };
  }, []);

  useEffect(() => {
    const last = before.current;
    before.current = status;
    const isRunning = isUnderWay(status);
    const announce = (message: string | undefined, isUrgent = false): void => {
      if (message !== undefined) regions.current?.announce(message, isUrgent);
    };
    latestText.current = sentencesOf;
    const restart = (): void => {
      said.current = 0;
      reader.current = undefined;
    };
    const saySentences = (): void => {
      const text = latestText.current ?? '';
      reader.current ??= createSentenceReader();
      const end = reader.current.endOf(text);
      if (end <= said.current) return;
      announce(text.slice(said.current, end));
      said.current = end;
      timer.current = setTimeout(() => {
        timer.current = undefined;
        saySentences();
      }, sentencesMs);
    };

    if (isRunning && !isUnderWay(last)) {
      restart();
      announce(messages.started);
    }
    if (isRunning && sentencesOf !== undefined) {
      // Another answer, or one that is tried again.
      if (sentencesOf.length < said.current) restart();
      if (timer.current === undefined) saySentences();
    }
    if (isRunning || !isUnderWay(last)) return;
    clearTimeout(timer.current);
    timer.current = undefined;
    if (sentencesOf !== undefined) announce(sentencesOf.slice(said.current));
    if (status === 'error') announce(messages.failed, true);
    else announce(finishReason === 'aborted' ? messages.stopped : messages.finished);
  });

  return {
    announce: useCallback(
      (message, politeness = 'polite') => regions.current?.announce(message, politeness === 'assertive'),
      [],
    ),
    clear: useCallback(() => regions.current?.clear(), []),
  };
}
