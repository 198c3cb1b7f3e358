/** `base` with the fields of each of `overs` over it; a field that is `undefined` says nothing. */
export function overlay<T extends object>(base: T, ...overs: readonly (Partial<T> | false | undefined)[]): T {
  const result = { ...base };
  for (const over of overs) {
    for (const key in over || {}) {
      const value = (over as Partial<T>)[key as keyof T];
      if (value !== undefined) result[key as keyof T] = value as T[keyof T];
    }
  }
  return result;
}
