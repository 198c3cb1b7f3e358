import type { DeepPartial, GenerateRequest, LLMError, ObjectCompletion, ObjectRun } from '@rivulet/core';
import {
  useObjectFieldArray,
  useObjectForm,
  useObjectFormField,
  type FormFieldStatus,
  type FormFilling,
  type FormPath,
  type ObjectFormField,
} from '@rivulet/react/react-hook-form';
import type { UseFieldArrayReturn, UseFormReturn } from 'react-hook-form';
import { describe, expectTypeOf, test } from 'vitest';
import { z } from 'zod';

const invoice = z.object({
  vendor: z.string(),
  total: z.string().transform(Number),
  items: z.array(z.object({ description: z.string(), quantity: z.number() })),
});
type Invoice = z.input<typeof invoice>;
type Name =
  | 'vendor'
  | 'total'
  | 'items'
  | `items.${number}`
  | `items.${number}.description`
  | `items.${number}.quantity`;

declare const form: UseFormReturn<Invoice>;
declare const larger: UseFormReturn<Invoice & { readonly own: boolean }>;
declare const smaller: UseFormReturn<{ vendor: string }>;
declare const validated: UseFormReturn<Invoice, { locale: string }, z.output<typeof invoice>>;
declare const filling: FormFilling<FormPath<typeof invoice>>;

describe('useObjectForm', () => {
  test('names the fields that the schema accepts', () => {
    expectTypeOf<FormPath<typeof invoice>>().toEqualTypeOf<Name>();
    const object = useObjectForm({ form, schema: invoice });
    expectTypeOf(object.refill).parameter(0).toEqualTypeOf<Name>();
    expectTypeOf(object.accept).parameter(0).toEqualTypeOf<Name>();
    expectTypeOf(object.suggestions[0]).toEqualTypeOf<{ readonly name: Name; readonly value: unknown } | undefined>();
    expectTypeOf(object.filling).toEqualTypeOf<FormFilling<Name>>();
    // @ts-expect-error there is no such field
    object.dismiss('vendr');
  });

  test('gives what the schema makes', () => {
    const object = useObjectForm({
      form,
      schema: invoice,
      onFinish: (completion) => expectTypeOf(completion).toEqualTypeOf<ObjectCompletion<z.output<typeof invoice>>>(),
      onError: (error) => expectTypeOf(error).toEqualTypeOf<LLMError>(),
    });
    expectTypeOf(object.final).toEqualTypeOf<z.output<typeof invoice> | undefined>();
    expectTypeOf(object.fill).toEqualTypeOf<
      (input: string | GenerateRequest) => Promise<z.output<typeof invoice> | null>
    >();
    expectTypeOf(object.run).toEqualTypeOf<
      ObjectRun<z.output<typeof invoice>, DeepPartial<z.input<typeof invoice>>> | undefined
    >();
  });

  test('takes what the request takes', () => {
    const object = useObjectForm({ form, schema: invoice, request: (mail: { readonly body: string }) => mail.body });
    expectTypeOf(object.fill).parameter(0).toEqualTypeOf<{ readonly body: string }>();
  });

  test('takes a form with a context, with a resolver that transforms, and with more fields', () => {
    useObjectForm({ form: validated, schema: invoice });
    useObjectForm({ form: larger, schema: invoice });
  });

  test('refuses a form without the fields of the schema', () => {
    // @ts-expect-error it has no total and no items
    useObjectForm({ form: smaller, schema: invoice });
  });

  test('every option may be undefined', () => {
    useObjectForm({
      form,
      schema: invoice,
      client: undefined,
      request: undefined,
      refillRequest: undefined,
      protect: undefined,
      validate: undefined,
      atomic: undefined,
      toFormValue: undefined,
      onFinish: undefined,
      onError: undefined,
      jsonSchema: undefined,
    });
  });
});

test('useObjectFormField takes the names of the fields', () => {
  const field = useObjectFormField(filling, 'items.0.quantity');
  expectTypeOf(field).toEqualTypeOf<ObjectFormField>();
  expectTypeOf(field.status).toEqualTypeOf<FormFieldStatus>();
  expectTypeOf<FormFieldStatus>().toEqualTypeOf<'absent' | 'streaming' | 'complete' | 'invalid' | 'user'>();
  // @ts-expect-error there is no such field
  useObjectFormField(filling, 'items.0.price');
});

test('useObjectFieldArray takes the control of a form whose resolver transforms', () => {
  const { control } = validated;
  const items = useObjectFieldArray(filling, { control, name: 'items', blank: { description: '' } });
  expectTypeOf(items).toEqualTypeOf<UseFieldArrayReturn<Invoice, 'items'>>();
  // @ts-expect-error no list
  useObjectFieldArray(filling, { control, name: 'vendor' });
});

test('a schema that coerces and has defaults is one for a form', () => {
  const coerced = z.object({ total: z.coerce.number(), items: z.array(z.object({ text: z.string() })).default([]) });
  const whole = {} as UseFormReturn<z.input<typeof coerced>, unknown, z.output<typeof coerced>>;
  const object = useObjectForm({ form: whole, schema: coerced });
  const items = useObjectFieldArray(object.filling, { control: whole.control, name: 'items', blank: { text: '' } });
  expectTypeOf(items.fields[0]?.text).toEqualTypeOf<string | undefined>();
  expectTypeOf(object.final).toEqualTypeOf<z.output<typeof coerced> | undefined>();
});

test('useObjectFieldArray is useFieldArray, with what a new item holds', () => {
  const { control } = form;
  const items = useObjectFieldArray(filling, { control, name: 'items', blank: { description: '' } });
  expectTypeOf(items).toEqualTypeOf<UseFieldArrayReturn<Invoice, 'items'>>();
  // @ts-expect-error no list
  useObjectFieldArray(filling, { control, name: 'vendor' });
  // @ts-expect-error no such property
  useObjectFieldArray(filling, { control, name: 'items', blank: { price: 1 } });
});
