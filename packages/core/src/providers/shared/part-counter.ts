/**
 * Counts the parts of a message as its events come. The function gives the index for an event of a type: that of the
 * part before, if it is of the same type, else that of a new one.
 */
export function createPartIndex(): (type: string, isNew?: boolean) => number {
  let last = '';
  let index = -1;
  return (type, isNew) => {
    if (isNew || type !== last) index += 1;
    last = type;
    return index;
  };
}
