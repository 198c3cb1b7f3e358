import { completionQueryOptions, useCompletionQuery } from '@rivulet/react/query';
import { QueryClientProvider, useSuspenseQuery } from '@tanstack/react-query';
import {
  createMemoryHistory,
  createRootRoute,
  createRoute,
  createRouter,
  Outlet,
  RouterProvider,
} from '@tanstack/react-router';
import { act, render, screen, waitFor } from '@testing-library/react';
import { StrictMode, type ReactElement } from 'react';
import { expect, test } from 'vitest';
import { commands } from 'vitest/browser';
import { clientOf, END, serve, text } from '../support/chat-completions.ts';
import { queryClientOf } from './support/query-client.tsx';

test.each(['waits for the answer', 'only starts it'])('a loader that %s makes the only request', async (how) => {
  const isAwaited = how === 'waits for the answer';
  const url = await serve({ chunks: [{ text: text('One ') }, { text: text('two') + END, gate: 'rest' }] });
  const client = clientOf(url);
  const queryClient = queryClientOf();
  const options = completionQueryOptions(client, 'hello');

  function Whole(): ReactElement {
    return <output>{useSuspenseQuery(options).data.text}</output>;
  }
  function Live(): ReactElement {
    const { data, partial } = useCompletionQuery(options);
    return <output>{data?.text ?? partial?.text}</output>;
  }
  const rootRoute = createRootRoute({ component: Outlet });
  const home = createRoute({ getParentRoute: () => rootRoute, path: '/', component: () => <p>Home</p> });
  const answer = createRoute({
    getParentRoute: () => rootRoute,
    path: '/answer',
    loader: () => (isAwaited ? queryClient.ensureQueryData(options) : void queryClient.prefetchQuery(options)),
    component: isAwaited ? Whole : Live,
  });
  const router = createRouter({
    routeTree: rootRoute.addChildren([home, answer]),
    history: createMemoryHistory({ initialEntries: ['/'] }),
  });
  render(
    <StrictMode>
      <QueryClientProvider client={queryClient}>
        <RouterProvider router={router as never} />
      </QueryClientProvider>
    </StrictMode>,
  );
  await screen.findByText('Home');
  let isThere = false;
  act(() => void router.navigate({ to: '/answer' } as never).then(() => (isThere = true)));
  await expect.poll(() => commands.requests(url)).toHaveLength(1);
  if (isAwaited) expect(screen.queryByRole('status')).toBeNull();
  else await waitFor(() => expect(screen.getByRole('status').textContent).toBe('One '));
  await commands.release(url, 'rest');
  await waitFor(() => expect(screen.getByRole('status').textContent).toBe('One two'));
  await waitFor(() => expect(isThere).toBe(true));
  expect(await commands.requests(url)).toHaveLength(1);
});
