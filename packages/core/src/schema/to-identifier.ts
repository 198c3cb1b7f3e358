/** The name of the answer in letters that every provider takes, `answer` by default. */
export function answerName(name = 'answer'): string {
  return name.replace(/[^\w-]/g, '_').slice(0, 64);
}
