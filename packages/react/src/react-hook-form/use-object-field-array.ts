'use client';

import { useEffect, useLayoutEffect, useMemo, useState } from 'react';
import {
  useFieldArray,
  type FieldArray,
  type FieldArrayPath,
  type FieldValues,
  type UseFieldArrayProps,
  type UseFieldArrayReturn,
} from 'react-hook-form';
import { fillOf, type FormFilling } from './form-filling.ts';
import { setRows, type Row, type RowList } from './row-list.ts';

export type UseObjectFieldArrayProps<
  Values extends FieldValues,
  Name extends FieldArrayPath<Values>,
  KeyName extends string,
  Transformed = Values,
> = UseFieldArrayProps<Values, Name, KeyName, Transformed> & {
  /** What an item holds when it appears, until the model has written. Default: nothing. */
  readonly blank?: Partial<FieldArray<Values, Name>> | undefined;
};

/**
 * `useFieldArray` of a form that `useObjectForm` fills: an item is appended when the model opens it, and keeps its id from
 * then on. Use the functions that this gives, so that what comes next finds its item where the user has put it.
 */
export function useObjectFieldArray<
  Values extends FieldValues,
  Name extends FieldArrayPath<Values> = FieldArrayPath<Values>,
  KeyName extends string = 'id',
  Transformed = Values,
>(
  filling: FormFilling<never>,
  { blank, ...props }: UseObjectFieldArrayProps<Values, Name, KeyName, Transformed>,
): UseFieldArrayReturn<Values, Name, KeyName> {
  type Item = FieldArray<Values, Name>;
  const { name } = props;
  const array = useFieldArray<Values, Name, KeyName, Transformed>(props);
  const [list] = useState<RowList>(() => ({ rows: [], blank, append: ignore, insert: ignore, remove: ignore }));
  const { append, prepend, insert, remove, swap, move, update, replace } = array;

  useCommitEffect(() => {
    const quiet = { shouldFocus: false };
    Object.assign(list, {
      blank: blank ?? {},
      append: (values: readonly unknown[]) => append(values as Item[], quiet),
      insert: (index: number, value: unknown) => insert(index, value as Item, quiet),
      remove: (indexes: readonly number[]) => remove([...indexes]),
    });
  });

  const fill = fillOf(filling);
  useCommitEffect(() => fill.addList(name, list), [fill, name, list]);
  useCommitEffect(() => fill.showRows(), [fill, array.fields]);

  const changes = useMemo(() => {
    function change(rows: readonly Row[]): void {
      setRows(list, rows);
      fill.changeRows(name);
    }
    const rowsOf = (value: unknown): Row[] => [value].flat().map(() => ({ isUsers: true }));
    return {
      append(value, options) {
        change([...list.rows, ...rowsOf(value)]);
        append(value, options);
      },
      prepend(value, options) {
        change([...rowsOf(value), ...list.rows]);
        prepend(value, options);
      },
      insert(index, value, options) {
        change(list.rows.toSpliced(index, 0, ...rowsOf(value)));
        insert(index, value, options);
      },
      remove(index) {
        const indexes = index === undefined ? [...list.rows.keys()] : [index].flat();
        change(list.rows.filter((_, at) => !indexes.includes(at)));
        remove(index);
      },
      swap(a, b) {
        const rows = [...list.rows];
        [rows[a], rows[b]] = [rows[b] ?? {}, rows[a] ?? {}];
        change(rows);
        swap(a, b);
      },
      move(from, to) {
        const rows = list.rows.toSpliced(from, 1);
        change(rows.toSpliced(to, 0, list.rows[from] ?? {}));
        move(from, to);
      },
      update,
      replace(value) {
        change(rowsOf(value));
        replace(value);
      },
    } satisfies Omit<UseFieldArrayReturn<Values, Name, KeyName>, 'fields'>;
  }, [fill, name, list, append, prepend, insert, remove, swap, move, update, replace]);

  return { fields: array.fields, ...changes };
}

// React 18 warns of layout effects on a server.
const useCommitEffect = typeof document === 'undefined' ? useEffect : useLayoutEffect;

function ignore(): void {
  // Until the array is on the page.
}
