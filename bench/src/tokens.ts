const words = 'The river carries what it is given: water, leaves, a little light, and now and then a whole tree. ';

/** Pieces of text of the size of tokens, about four characters each, the same ones in every run. */
export function tokens(count: number): string[] {
  const pieces = words.match(/ ?[^ ]{1,4}/g)!;
  return Array.from({ length: count }, (_, i) => (i % 97 === 96 ? ' 🌊\n\n' : pieces[i % pieces.length]!));
}
