import { IncrementalJsonParser, LLMError, type Run } from '@rivulet/core';

interface Recipe {
  readonly title?: string;
  readonly difficulty?: 'easy' | 'hard';
  readonly steps?: readonly string[];
}

export async function readRecipe(run: Run, show: (recipe: Recipe, isTitleDone: boolean) => void): Promise<Recipe> {
  const parser = new IncrementalJsonParser({
    skipProse: '{', // a model without a JSON mode may say something before, and after
    atomic: (path) => path[0] === 'difficulty', // 'ea' is no difficulty
  });
  try {
    for await (const text of run.textStream) {
      parser.push(text);
      show(parser.snapshot() ?? {}, parser.pathStatus('title') === 'complete');
    }
    return parser.end() as Recipe; // throws unless the document closed
  } catch (error) {
    if (error instanceof LLMError && error.place) run.abort(error); // no JSON from here on, so nothing to wait for
    throw error;
  }
}
