import type { ObjectIssue } from '@rivulet/core';

/** The issues that only one of two lists has. */
export function changedIssues(before: readonly ObjectIssue[], after: readonly ObjectIssue[]): readonly ObjectIssue[] {
  if (before === after) return [];
  const changed = new Map(before.map((issue) => [JSON.stringify(issue), issue]));
  for (const issue of after) {
    const key = JSON.stringify(issue);
    if (!changed.delete(key)) changed.set(key, issue);
  }
  return [...changed.values()];
}
