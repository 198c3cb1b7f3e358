import type { CallOptions } from '@rivulet/core';

/** The name of a request in the cache, and how to call. */
export interface RunQueryConfig extends Omit<CallOptions, 'signal'> {
  /**
   * Names the request in the key. Default: a digest of the request and of what the client adds to it, so that equal
   * requests share an answer. Give one where clients differ in what no request says (two servers with a provider of the
   * same name; a page that is rendered by a server with a client of its own), or to spare a long request its digest.
   */
  readonly id?: string | undefined;
  /** Part of the key: another number asks anew, and the answers of the others stay cached. Default 0. */
  readonly attempt?: number | undefined;
}
