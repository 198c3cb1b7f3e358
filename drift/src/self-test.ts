import type { Check, Drift } from './check.ts';

// That the check itself works: with types of an SDK that is not in step, each of these must not compile.

declare enum Reason {
  Stop = 'stop',
  Length = 'length',
}

export type InStep = Check<{
  same: Drift<'a' | 'b', 'a' | 'b'>;
  withOlder: Drift<'a', 'a', 'older'>;
  enum: Drift<`${Reason}`, 'stop' | 'length'>;
  nullable: Drift<'a' | null | undefined, 'a'>;
  byPrefix: Drift<'a' | `data-${string}`, 'a' | `data-${string}`>;
}>;

// @ts-expect-error The SDK has a new member.
export type New = Check<{ events: Drift<'a' | 'b', 'a'> }>;
// @ts-expect-error The SDK has a new member of an enum.
export type NewOfEnum = Check<{ reasons: Drift<`${Reason}`, 'stop'> }>;
// @ts-expect-error The SDK has no such member any more.
export type Gone = Check<{ events: Drift<'a', 'a' | 'b'> }>;
// @ts-expect-error The SDK has the member again that is listed as older.
export type Back = Check<{ events: Drift<'a' | 'b', 'a', 'b'> }>;
// @ts-expect-error The SDK accepts any text now.
export type Open = Check<{ events: Drift<string, 'a'> }>;
// @ts-expect-error The type of the SDK cannot be resolved.
// oxlint-disable-next-line typescript/no-explicit-any
export type Unresolved = Check<{ events: Drift<any, 'a'> }>;
// @ts-expect-error The type of the SDK has no members.
export type Empty = Check<{ events: Drift<never, 'a'> }>;
