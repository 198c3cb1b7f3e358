import { partsOf, type MessageInput } from '../../types/message.ts';
import { NO_NAME, optionsOf, type Choose } from './choice.ts';
import { isObject } from '../../utils/merge-bodies.ts';

/**
 * A signature that the server did not make, or no longer accepts. This is about one conversation, not about the model.
 * https://platform.claude.com/docs/en/build-with-claude/extended-thinking#preserving-thinking-blocks
 * https://ai.google.dev/gemini-api/docs/thought-signatures
 */
export const BAD_SIGNATURE: RegExp =
  /\b(?:invalid|corrupted|bad)\W{1,3}(?:thought[ _]?)?signature|signature\b[^.\n]{0,60}(?:\binvalid\b|\bnot valid\b|not be verified)/i;

/** Thoughts that only the server can read. A refusal of them is about one conversation, unless the model has none. */
export interface SealedThoughts {
  /** Matches the refusal of one that the server cannot read. */
  readonly unreadable: RegExp;
  /** Matches the refusal of a model that does not take thoughts. */
  readonly unsupported?: RegExp | undefined;
}

/**
 * The messages with the thoughts that `provider` sealed, or without them if the server refuses to get them back: the key
 * belongs to another organisation, another server continues the conversation, or the model was changed.
 */
export function withReturnedThoughts(
  messages: readonly MessageInput[],
  provider: string,
  choose: Choose,
  { unreadable, unsupported = NO_NAME }: SealedThoughts,
): readonly MessageInput[] {
  const hasThoughts = messages.some((message) =>
    partsOf(message).some(
      ({ type, providerMetadata }) => type === 'reasoning' && isObject(providerMetadata?.[provider]),
    ),
  );
  if (!hasThoughts) return messages;
  const isSent = choose({
    id: 'returnedThoughts',
    names: NO_NAME,
    wording: { test: (text) => unreadable.test(text) || unsupported.test(text) },
    requestOnly: unreadable,
    options: optionsOf(true),
  });
  return isSent ? messages : messages.map(withoutThoughts);
}

function withoutThoughts(message: MessageInput): MessageInput {
  const parts = partsOf(message);
  if (!parts.some(({ type }) => type === 'reasoning')) return message;
  const { content: _, ...rest } = message;
  return { ...rest, parts: parts.filter(({ type }) => type !== 'reasoning') };
}
