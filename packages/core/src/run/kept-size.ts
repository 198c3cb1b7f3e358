import type { DeltaEvent, PartEvent, StreamEvent } from '../types/event.ts';
import { checkSize } from '../errors/limits.ts';
import { ordinal, record, UnexpectedValueError, type UnknownRecord } from '../utils/read-value.ts';
import { createValueSize } from './value-size.ts';

/** Counts everything that a run keeps, in about the characters of its JSON. */
export interface KeptSize {
  /**
   * Counts an event. Returns its own size; what it replaces no longer counts for the run.
   * @throws {LLMError} with code `limit` if the run keeps too much.
   */
  add(event: StreamEvent): number;
}

/** What a part costs besides its values. */
const PART_SIZE = 16;

/** What does not count: the names of a usual answer. So text alone may be as long as the limit. */
const ALLOWANCE = 4096;

export function createKeptSize(): KeptSize {
  const valueSize = createValueSize();
  let total = 0;
  /** The sizes of what a later event replaces, by its place. */
  const replaceable = new Map<string, number>();
  /** The same for parts, by their index. The deltas of a tool call are among them: its end repeats their text. */
  const partSizes = new Map<number, number>();
  /** The index of the next part. */
  let end = 0;
  let lastType: StreamEvent['type'] | undefined;

  function replace(place: string, size: number): number {
    total += size - (replaceable.get(place) ?? 0);
    replaceable.set(place, size);
    return size;
  }

  function setPart(index: number, size: number): void {
    total += size - (partSizes.get(index) ?? 0);
    partSizes.set(index, size);
  }

  /** Metadata is joined by its names: a value replaces the one before. */
  function join(place: string, values: UnknownRecord | undefined): number {
    let size = 0;
    for (const [name, value] of Object.entries(values ?? {})) {
      size += replace(`${place}.${name}`, name.length + valueSize(value));
    }
    return size;
  }

  function joinProviderMetadata(index: number, { providerMetadata }: PartEvent): number {
    return providerMetadata ? join(`part ${index}`, record(providerMetadata)) : 0;
  }

  function addPart(event: StreamEvent & PartEvent, value: object): number {
    const index = indexOf(event) ?? end;
    const size = PART_SIZE + valueSize(value);
    end = Math.max(end, index + 1);
    setPart(index, size);
    return size + joinProviderMetadata(index, event);
  }

  function addDelta(event: DeltaEvent): number {
    const { length } = textOf(event);
    const index = indexOf(event) ?? (event.type === lastType ? end - 1 : end);
    total += length;
    if (index >= end) {
      end = index + 1;
      total += PART_SIZE;
    }
    return event.providerMetadata ? length + joinProviderMetadata(index, event) : length;
  }

  function measure(event: StreamEvent): number {
    switch (event.type) {
      case 'text':
      case 'reasoning':
      case 'refusal':
        return addDelta(event);
      case 'tool-call-delta': {
        const { length } = textOf(event);
        setPart(event.index, (partSizes.get(event.index) ?? 0) + length);
        return length + joinProviderMetadata(event.index, event);
      }
      case 'tool-call-start':
        return addPart(event, { id: event.id, name: event.name });
      case 'tool-call':
      case 'tool-approval-request': {
        if (!record(event.toolCall))
          throw new UnexpectedValueError(`${event.type}.toolCall`, 'an object', event.toolCall);
        const { error: _, ...call } = event.toolCall;
        return addPart(event, call);
      }
      case 'start':
        return replace('start', valueSize(event));
      case 'usage':
        return replace('usage', valueSize(event.usage));
      case 'metadata':
        return join('metadata', record(event.metadata));
      case 'step':
      case 'finish':
        return PART_SIZE;
      default: {
        if ('transient' in event && event.transient) return valueSize(event);
        const { providerMetadata: _, ...part } = event;
        return addPart(event, part);
      }
    }
  }

  return {
    add(event) {
      const size = measure(event);
      lastType = event.type;
      checkSize('run', total - ALLOWANCE);
      return size;
    },
  };
}

/** @throws {UnexpectedValueError} for a delta that is not text. */
function textOf(event: { readonly type: string; readonly delta: unknown }): string {
  if (typeof event.delta !== 'string') throw new UnexpectedValueError(`${event.type}.delta`, 'text', event.delta);
  return event.delta;
}

/** @throws {UnexpectedValueError} for an index that is not a position. */
function indexOf(event: { readonly type: string; readonly index?: unknown }): number | undefined {
  if (event.index === undefined) return undefined;
  const index = ordinal(event.index);
  if (index === undefined) throw new UnexpectedValueError(`${event.type}.index`, 'an integer from 0', event.index);
  return index;
}
