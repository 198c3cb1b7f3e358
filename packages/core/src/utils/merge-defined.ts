/** `base` with the fields of each of `overs` over it; a field that is `undefined` says nothing. */
export function overlay<T extends object>(base: T, ...overs: readonly (Partial<T> | false | undefined)[]): T {
  const said = overs.flatMap((over) => Object.entries(over || {}).filter(([, value]) => value !== undefined));
  return { ...base, ...(Object.fromEntries(said) as Partial<T>) };
}
