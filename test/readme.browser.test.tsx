import { LLMClient } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { scripted } from '@rivulet/core/scripted';
import { LLMClientProvider } from '@rivulet/react';
import { render, screen } from '@testing-library/react';
import userEvent from '@testing-library/user-event';
import { expect, inject, test } from 'vitest';
import { commands } from 'vitest/browser';
import { Ask } from '../docs/examples/Ask.tsx';
import { Recipe } from '../docs/examples/Recipe.tsx';
import { RecipeForm } from '../docs/examples/RecipeForm.tsx';
import { Summaries } from '../docs/examples/Summaries.tsx';

test("the README's example of the hook asks, and shows the answer", async () => {
  const client = new LLMClient({ provider: openai({ baseURL: `${inject('modelServerUrl')}/v1` }), model: 'any' });
  render(
    <LLMClientProvider client={client}>
      <Ask />
    </LLMClientProvider>,
  );

  await userEvent.type(screen.getByLabelText('Question'), 'hello');
  await userEvent.click(screen.getByRole('button', { name: 'Ask' }));

  expect(await screen.findByText('Hello! How can I help you today?')).toBeTruthy();
  expect(screen.queryByRole('alert')).toBeNull();
});

test("the README's example of the hook stops with the same button, and asks nothing anew", async () => {
  const url = await commands.serve({
    chunks: [{ text: 'data: {"choices":[{"delta":{"content":"Rivers"}}]}\n\n' }],
    end: 'hang',
  });
  const client = new LLMClient({ provider: openai({ baseURL: url }), model: 'any' });
  render(
    <LLMClientProvider client={client}>
      <Ask />
    </LLMClientProvider>,
  );
  await userEvent.type(screen.getByLabelText('Question'), 'hello');
  await userEvent.click(screen.getByRole('button', { name: 'Ask' }));
  await screen.findByText('Rivers');

  await userEvent.click(screen.getByRole('button', { name: 'Stop' }));

  expect(await screen.findByRole('button', { name: 'Ask' })).toBeTruthy();
  expect(screen.getByText('Rivers')).toBeTruthy();
  expect(await commands.requests(url)).toHaveLength(1);
});

test('the example of a batch shows the answers in their places', async () => {
  const provider = scripted(({ messages }) => `About ${messages.at(-1)?.content?.split(' ').at(-1)}`);
  render(
    <LLMClientProvider client={new LLMClient({ provider })}>
      <Summaries texts={['rivers', 'deltas']} />
    </LLMClientProvider>,
  );

  await userEvent.click(screen.getByRole('button', { name: 'Summarise' }));

  await screen.findByText('About deltas');
  expect(screen.getAllByRole('listitem').map(({ textContent }) => textContent)).toEqual([
    'About rivers',
    'About deltas',
  ]);
});

test('the example of an object shows it, and asks by its request', async () => {
  const provider = scripted('{"title":"Borscht","steps":["Boil the beets","Add dill"]}');
  render(
    <LLMClientProvider client={new LLMClient({ provider })}>
      <Recipe dish="borscht" />
    </LLMClientProvider>,
  );

  await userEvent.click(screen.getByRole('button', { name: 'Cook' }));

  await screen.findByRole('button', { name: 'Cook' });
  await screen.findByText('Add dill');
  expect(screen.getByRole('heading').textContent).toBe('Borscht');
  expect(provider.requests[0]?.messages.at(-1)?.content).toBe('A recipe for borscht');
});

test('the example of a form shows what does not fit, and what was mended', async () => {
  let turn = 0;
  const answers = ['{"title":"Borscht","author":{"mail":"nobody"}}', '{"title":"Borscht","author":{"mail":"a@b.ua"}}'];
  const provider = scripted(() => answers[turn++] ?? '');
  render(
    <LLMClientProvider client={new LLMClient({ provider })}>
      <RecipeForm text="Borscht, by a@b.ua" />
    </LLMClientProvider>,
  );

  await userEvent.click(screen.getByRole('button', { name: 'Fill' }));

  await screen.findByText('a@b.ua');
  expect(screen.queryByRole('alert')).toBeNull();
  expect(provider.requests).toHaveLength(2);
});
