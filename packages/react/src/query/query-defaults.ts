/** What holds for all queries of final values, whatever the defaults of the `QueryClient`: none is paid for twice. */
export interface FinalOnly {
  readonly staleTime: 'static';
  readonly retry: false;
  readonly refetchInterval: false;
  readonly gcTime: number;
}

export function finalOnly(): FinalOnly {
  return {
    staleTime: 'static',
    retry: false,
    refetchInterval: false,
    // A server drops the whole cache with the request, and wants no timer that keeps it.
    gcTime: typeof document === 'undefined' ? Infinity : 30 * 60_000,
  };
}
