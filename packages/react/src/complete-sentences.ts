/** Marks that end a sentence with a blank behind them, marks that need none, and ends of lines. */
const END = /[.!?…]+["'”’)\]]*(?=\s)|[。！？]["”’」』）]*|\n/g;

/** How much of a text, from a place on, is whole sentences: where the last one ends, or `from`. */
export function sentencesEnd(text: string, from: number): number {
  let end = from;
  END.lastIndex = from;
  for (let match = END.exec(text); match; match = END.exec(text)) end = END.lastIndex;
  return end;
}
