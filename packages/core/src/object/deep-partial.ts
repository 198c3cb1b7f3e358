/** A value that is still being written: of objects any property may be missing, lists are as long as they have got. */
export type DeepPartial<T> = T extends (...args: never) => unknown
  ? T
  : T extends readonly unknown[]
    ? DeepPartialList<T>
    : T extends object
      ? { readonly [Key in keyof T]?: DeepPartial<T[Key]> }
      : T;

type DeepPartialList<T extends readonly unknown[]> = number extends T['length']
  ? readonly DeepPartial<T[number]>[]
  : Partial<{ readonly [Place in keyof T]: DeepPartial<T[Place]> }>;
