/**
 * Compares the names that an official SDK has in its types with those that are listed here.
 * @template Sdk The names of the SDK.
 * @template Listed The names that the decoder handles, or that it ignores on purpose.
 * @template Older Names that the SDK no longer has, or never had, and that servers send.
 */
export interface Drift<Sdk, Listed extends string, Older extends string = never> {
  'new in the SDK: handle it, or list why it is ignored': Exclude<Sdk, Listed | Older | null | undefined>;
  'no longer in the SDK: remove it, or list it as older': Exclude<Listed, Sdk>;
  'listed as older, but in the SDK': Extract<Older, Sdk>;
}

interface InStep {
  'new in the SDK: handle it, or list why it is ignored': never;
  'no longer in the SDK: remove it, or list it as older': never;
  'listed as older, but in the SDK': never;
}

/** Does not compile if a list and its SDK differ; the message of the compiler has the first name that differs. */
export type Check<T extends Readonly<Record<string, InStep>>> = T;
