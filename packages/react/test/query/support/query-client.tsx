import { QueryClient, QueryClientProvider, type DefaultOptions } from '@tanstack/react-query';
import { type ReactElement, type ReactNode, StrictMode } from 'react';
import { onTestFinished } from 'vitest';

/** A client as an app makes it, emptied after the test. */
export function queryClientOf(defaultOptions: DefaultOptions = {}): QueryClient {
  const queryClient = new QueryClient({ defaultOptions });
  onTestFinished(() => queryClient.clear());
  return queryClient;
}

/** For `render` and `renderHook`. */
export function inStrictMode(queryClient: QueryClient): { wrapper: (props: { children: ReactNode }) => ReactElement } {
  return {
    wrapper: ({ children }) => (
      <StrictMode>
        <QueryClientProvider client={queryClient}>{children}</QueryClientProvider>
      </StrictMode>
    ),
  };
}
