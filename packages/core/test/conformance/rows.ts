import type { ConformanceRow } from './row.ts';

declare global {
  interface ImportMeta {
    /** Vite's. */
    glob(pattern: string, options: { eager: true }): Record<string, { row: ConformanceRow }>;
  }
}

/** All wires: each file in `rows/` has one. */
export const rows: readonly ConformanceRow[] = Object.values(import.meta.glob('./rows/*.ts', { eager: true })).map(
  ({ row }) => row,
);
