import type { UseObjectFormResult } from '@rivulet/react/react-hook-form';
import { describeError } from '../../components/describe-error.ts';
import type { invoice } from './invoice.ts';

/** What a screen reader is told: beginning and end, never the values in between. */
export function announce(
  filling: UseObjectFormResult<typeof invoice, string>,
  { problems }: { readonly problems: number },
): string {
  const { isFilling, retry, refilling, error, finishReason, suggestions } = filling;
  if (retry) return 'The model did not answer. Waiting to try again.';
  if (refilling.length > 0) return 'Asking for the field again.';
  if (isFilling) return 'Filling the form.';
  if (finishReason === 'aborted') return 'Stopped. What came is kept.';
  if (error && error.code !== 'validation') {
    const { title, advice } = describeError(error);
    return `Failed: ${title}. ${advice}`;
  }
  if (!error && finishReason === undefined) return '';
  const notes = [
    count(problems, 'field needs a look', 'fields need a look'),
    count(suggestions.length, 'suggestion', 'suggestions'),
  ];
  return ['The form is filled.', ...notes.filter(Boolean).map((note) => `${note}.`)].join(' ');
}

function count(many: number, one: string, more: string): string {
  return many === 0 ? '' : `${many} ${many === 1 ? one : more}`;
}
