/** `base` overridden by the fields of each of `overrides`, in order. A field that is `undefined` does not override. */
export function mergeDefined<T extends object>(base: T, ...overrides: readonly (Partial<T> | false | undefined)[]): T {
  const defined = overrides.flatMap((fields) =>
    Object.entries(fields || {}).filter(([, value]) => value !== undefined),
  );
  return { ...base, ...(Object.fromEntries(defined) as Partial<T>) };
}
