import { QueryClient } from '@tanstack/react-query';

/** Outlives the page: what was asked is still there when it is visited again. */
export const queryClient = new QueryClient();
