import type { Path } from '@rivulet/core';

/** `items[0].name` */
export function formatPath(path: Path): string {
  if (path.length === 0) return 'the top';
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : index > 0 ? `.${key}` : key)).join('');
}
