import { isWithin, type FieldStatus, type ObjectIssue, type ObjectSnapshot, type Path } from '@rivulet/core';
import { memo, useId, useState } from 'react';
import { StatusMark } from './StatusMark.tsx';
import { TreeValue } from './TreeValue.tsx';

interface TreeNodeProps {
  /** Its key, or its place in a list; of the root what it is called. */
  name: string | number;
  path: Path;
  value: unknown;
  status: FieldStatus;
  /** There, and within. */
  issues: readonly ObjectIssue[];
  /** For what is within. */
  fieldStatus: ObjectSnapshot<unknown>['fieldStatus'];
  isUnfolded: boolean;
  cut: ObjectSnapshot<unknown>['cut'];
}

// Named otherwise than what it is memoized as: by its own name it would render its children without that.
function Node(props: TreeNodeProps) {
  const { name, path, value, status, issues, fieldStatus, isUnfolded, cut } = props;
  const [isOpen, setIsOpen] = useState(isUnfolded || path.length === 0);
  const id = useId();
  const within = groupIssues(issues, path.length);
  const keys = isContainer(value) ? keysOf(value, within) : [];
  const own = issues.filter((issue) => issue.path.length === path.length || keys.length === 0);
  const shown = cut && isWithin(cut, path) ? 'cut' : status;
  const label = (
    <span className={typeof name === 'number' || path.length === 0 ? 'tree-place' : 'tree-key'}>{name}</span>
  );

  return (
    <li className="tree-node" data-status={status}>
      <div className="tree-line">
        <StatusMark status={shown} />
        {keys.length > 0 ? (
          <button
            type="button"
            className="tree-toggle"
            aria-expanded={isOpen}
            aria-controls={isOpen ? id : undefined}
            onClick={() => setIsOpen(!isOpen)}
          >
            {label} <span className="tree-count">{countOf(value)}</span>
          </button>
        ) : (
          <span className="tree-pair">
            {label} <TreeValue value={value} status={shown} />
          </span>
        )}
      </div>
      {own.map(({ message }, index) => (
        // oxlint-disable-next-line react/no-array-index-key -- Issues of one value have no other identity.
        <p key={index} className="tree-issue">
          {message}
        </p>
      ))}
      {keys.length > 0 && isOpen && (
        <ul id={id}>
          {keys.map((key) => (
            <TreeNode
              key={key}
              name={key}
              path={[...path, key]}
              value={Object.hasOwn(value as object, key) ? (value as Container)[key] : undefined}
              status={fieldStatus([...path, key])}
              issues={within.get(String(key)) ?? NO_ISSUES}
              fieldStatus={fieldStatus}
              isUnfolded={isUnfolded}
              cut={cut}
            />
          ))}
        </ul>
      )}
    </li>
  );
}

export const TreeNode = memo(Node, isSettled);

type Container = Readonly<Record<string | number, unknown>>;

const NO_ISSUES: readonly ObjectIssue[] = [];

/** Whether it shows the same. What is within an open value may close while the value stays the same. */
function isSettled(before: TreeNodeProps, after: TreeNodeProps): boolean {
  return (
    after.status !== 'streaming' &&
    after.status === before.status &&
    Object.is(after.value, before.value) &&
    (after.issues === before.issues ||
      (after.issues.length === before.issues.length &&
        after.issues.every((issue, index) => isSameIssue(issue, before.issues[index]))))
  );
}

function isSameIssue(one: ObjectIssue, other: ObjectIssue | undefined): boolean {
  return one.message === other?.message && one.path.join('\n') === other.path.join('\n');
}

function isContainer(value: unknown): value is Container {
  return typeof value === 'object' && value !== null;
}

/** Also of what should be there: an issue tells of it. */
function keysOf(value: Container, within: ReadonlyMap<string, unknown>): (string | number)[] {
  if (Array.isArray(value)) return Array.from(value, (_, index) => index);
  const missing = [...within.keys()].filter((key) => !Object.hasOwn(value, key));
  return [...Object.keys(value), ...missing];
}

function groupIssues(issues: readonly ObjectIssue[], depth: number): ReadonlyMap<string, readonly ObjectIssue[]> {
  const groups = new Map<string, ObjectIssue[]>();
  for (const issue of issues) {
    const key = issue.path[depth];
    if (key === undefined) continue;
    const group = groups.get(String(key));
    if (group) group.push(issue);
    else groups.set(String(key), [issue]);
  }
  return groups;
}

function countOf(value: unknown): string {
  const count = Object.keys(value as object).length;
  const noun = Array.isArray(value) ? 'element' : 'field';
  return `${count} ${count === 1 ? noun : `${noun}s`}`;
}
