import type { ComponentProps } from 'react';

/** The mark of a task in a list: it cannot be ticked, so it is no control. */
export function TaskMark({ type, checked }: ComponentProps<'input'>) {
  if (type !== 'checkbox') return null;
  return (
    <>
      <span className="task-mark" data-done={checked} aria-hidden="true" />
      <span className="visually-hidden">{checked ? 'Done: ' : 'To do: '}</span>
    </>
  );
}
