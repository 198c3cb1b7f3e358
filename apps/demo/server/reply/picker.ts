/** Chooses one of several wordings; the same seed makes the same choices in the same order. */
export type Picker = <T>(options: readonly [T, ...T[]]) => T;

export function createPicker(seed: string): Picker {
  let state = hash(seed);
  return (options) => {
    // A linear congruential step (Numerical Recipes' constants); only the high bits are well mixed.
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return options[(state >>> 16) % options.length] ?? options[0];
  };
}

/** FNV-1a, 32 bits. */
function hash(text: string): number {
  let value = 0x811c9dc5;
  for (let index = 0; index < text.length; index += 1) {
    value = Math.imul(value ^ text.charCodeAt(index), 0x01000193) >>> 0;
  }
  return value;
}
