import type { Table } from './table.ts';

/** A batch that was started. */
export interface Asked {
  /** Counts up with each start. */
  id: number;
  table: Table;
  template: string;
  model: string;
  temperature: number | null;
  concurrency: number;
  /** The provider that was asked. */
  providerId: string;
}
