import type { ObjectSnapshot } from '@rivulet/core';
import { TreeNode } from './TreeNode.tsx';
import './ObjectTree.css';

interface ObjectTreeProps {
  /** How the whole is called. */
  name: string;
  snapshot: Pick<ObjectSnapshot<unknown, unknown>, 'object' | 'issues' | 'fieldStatus' | 'cut'>;
  /** Whether what is new shows what is in it. */
  isUnfolded: boolean;
}

/** An object as nested lists. A value that is settled is not rendered again: an update costs what is open, not what is there. */
export function ObjectTree({ name, snapshot: { object, issues, fieldStatus, cut }, isUnfolded }: ObjectTreeProps) {
  return (
    <ul className="object-tree">
      <TreeNode
        name={name}
        path={ROOT}
        value={object}
        status={fieldStatus(ROOT)}
        issues={issues}
        fieldStatus={fieldStatus}
        isUnfolded={isUnfolded}
        cut={cut}
      />
    </ul>
  );
}

const ROOT = [] as const;
