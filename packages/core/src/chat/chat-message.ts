import type { FinishReason, Usage } from '../types/completion.ts';
import type { Message, Part, ToolCallPart, ToolResultPart } from '../types/message.ts';
import type { InferInput } from '../types/standard-schema.ts';
import type { ToolOutput, ToolSet } from './tool.ts';

/**
 * The name of a tool that is not in the record: one that the model made up, or one of the backend. It is some string; only
 * of an enum the compiler knows that comparing `name` with the name of a tool leaves it out.
 */
export declare enum OtherToolName {
  Any = '(any other tool)',
}

type NameOf<Tools> = keyof Tools & string;

/** A call of one of these tools, told apart by `name`. `input` is there once the schema of the tool accepted it. */
export type ChatToolCallPart<Tools extends ToolSet = ToolSet> =
  | {
      [Name in NameOf<Tools>]: Omit<ToolCallPart, 'name' | 'input'> & {
        readonly name: Name;
        readonly input?: InferInput<Tools[Name]['inputSchema']> | undefined;
      };
    }[NameOf<Tools>]
  | (Omit<ToolCallPart, 'name'> & { readonly name: OtherToolName });

type ToolResultOf<Name, Output> = Omit<ToolResultPart, 'name' | 'output' | 'isError'> & { readonly name: Name } & (
    | { readonly isError?: false | undefined; readonly output: Output }
    | { readonly isError: true; readonly output: unknown }
  );

/** The result of a call, told apart by `name`; with `isError`, `output` says what went wrong. */
export type ChatToolResultPart<Tools extends ToolSet = ToolSet> =
  | { [Name in NameOf<Tools>]: ToolResultOf<Name, ToolOutput<Tools[Name]>> }[NameOf<Tools>]
  | (Omit<ToolResultPart, 'name'> & { readonly name?: OtherToolName | undefined });

export type ChatPart<Tools extends ToolSet = ToolSet> =
  | Exclude<Part, ToolCallPart | ToolResultPart>
  | ChatToolCallPart<Tools>
  | ChatToolResultPart<Tools>;

/**
 * Tools as a type that compares by structure, because of its modifier: what is typed by some tools then fits where any tools
 * do. For the compiler only.
 */
export type ToolNames<Tools> = { -readonly [Name in keyof Tools]: unknown } | undefined;

/**
 * A message of a chat. An answer is one message, however many steps it took: the results of its tools stand among its
 * parts, after the calls.
 */
export interface ChatMessage<Tools extends ToolSet = ToolSet> extends Omit<Message, 'parts'> {
  /** Absent at run time. */
  readonly '~tools'?: ToolNames<Tools>;
  readonly parts: readonly ChatPart<Tools>[];
  /**
   * Of an answer: why its last step ended. `aborted`: it was stopped. `interrupted`: it failed, or the page was left.
   * Absent while a step is under way.
   */
  readonly finishReason?: FinishReason | 'aborted' | 'interrupted' | undefined;
  /** Of the last step. */
  readonly usage?: Usage | undefined;
  /** Set while a step is under way, and where it broke off: its parts begin here, those before are of earlier steps. */
  readonly openFrom?: number | undefined;
}

/** All messages of a chat with their branches: each comes after the one that its `parentId` names. */
export interface ChatThread<Tools extends ToolSet = ToolSet> {
  /** Absent at run time. */
  readonly '~tools'?: ToolNames<Tools>;
  readonly messages: readonly ChatMessage<Tools>[];
  /** The last message of the branch that is shown. */
  readonly head?: string | undefined;
}
