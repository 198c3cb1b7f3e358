import type { ProviderInfo } from '../../shared/llm-endpoint.ts';

/** What every page is given. */
export interface PageProps {
  providers: readonly ProviderInfo[];
  /** The one of them that is asked. */
  provider: ProviderInfo;
  onProvider: (provider: ProviderInfo) => void;
}
