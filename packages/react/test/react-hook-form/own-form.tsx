import type { StandardSchema } from '@rivulet/core';
import {
  useObjectForm,
  type FormFilling,
  type UseObjectFormOptions,
  type UseObjectFormResult,
} from '@rivulet/react/react-hook-form';
import { act, render, screen, waitFor } from '@testing-library/react';
import { Fragment, type ComponentType, type ReactElement } from 'react';
import { useForm, type FieldValues, type UseFormProps, type UseFormReturn } from 'react-hook-form';
import { scriptedClient } from '../support/scripted-client.ts';
import { macrotask } from '../support/turns.ts';

type AnyForm = UseFormReturn;
type AnyOptions = UseObjectFormOptions<StandardSchema, FieldValues, unknown, unknown, string>;
type AnyResult = UseObjectFormResult<StandardSchema, string>;

export interface OwnFormOptions {
  readonly schema: StandardSchema;
  readonly form?: UseFormProps;
  readonly options?: Partial<AnyOptions>;
  /** What the form is in. */
  readonly wrap?: ComponentType<{ readonly children: ReactElement }>;
  readonly children: (form: AnyForm, filling: FormFilling, object: AnyResult) => ReactElement;
}

export interface OwnForm {
  readonly form: AnyForm;
  readonly object: AnyResult;
  readonly calls: ReturnType<typeof scriptedClient>['calls'];
  /** Starts a fill, or what else asks the model, and waits until it is asked. */
  ask(start?: () => unknown): Promise<void>;
  /** The model goes on with the last answer, or with an earlier one. */
  write(piece: string, index?: number): Promise<void>;
  finish(index?: number): Promise<void>;
  /** The model answers as a whole. */
  answer(object: unknown): Promise<void>;
  unmount(): void;
}

/** A form of the test's own, whose model says what the test writes. */
export function renderOwnForm({
  schema,
  form: props = {},
  options,
  wrap: Wrap = Fragment,
  children,
}: OwnFormOptions): OwnForm {
  const { client, calls } = scriptedClient();
  const seen = {} as { form: AnyForm; object: AnyResult };

  function Page(): ReactElement {
    const form: AnyForm = useForm(props);
    const object = useObjectForm({ form, schema, client, ...options } as never) as unknown as AnyResult;
    seen.form = form;
    seen.object = object;
    return <form onSubmit={(event) => event.preventDefault()}>{children(form, object.filling, object)}</form>;
  }
  const { unmount } = render(<Wrap children={<Page />} />);

  const page: OwnForm = {
    get form() {
      return seen.form;
    },
    get object() {
      return seen.object;
    },
    calls,
    unmount,
    async ask(start = () => seen.object.fill('a mail')) {
      const asked = calls.length;
      act(() => void start());
      await waitFor(() => {
        if (calls.length !== asked + 1) throw new Error('The model is not asked yet');
      });
    },
    async write(piece, index = calls.length - 1) {
      calls[index]!.text(piece);
      await shown();
    },
    async finish(index = calls.length - 1) {
      calls[index]!.finish();
      await shown();
    },
    async answer(value) {
      await page.ask();
      await page.write(JSON.stringify(value));
      await page.finish();
    },
  };
  return page;
}

/** Lets everything that came be shown, as React does it in a page. */
export async function shown(): Promise<void> {
  await waitFor(async () => {
    for (let frame = 0; frame < 2; frame += 1) await new Promise((resolve) => requestAnimationFrame(resolve));
    await macrotask();
  });
}

export function field(label: string): HTMLInputElement {
  return screen.getByLabelText<HTMLInputElement>(label);
}
