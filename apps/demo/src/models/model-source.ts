import type { Provider } from '@rivulet/core';
import type { ProviderInfo } from '../../shared/llm-endpoint.ts';

/** Whom the page can ask. */
export interface ModelSource {
  /** The first one is the default. */
  providers: readonly [ProviderInfo, ...ProviderInfo[]];
  connect: (info: ProviderInfo) => Provider;
  /** What a visitor must know of it. */
  notice?: string;
}
