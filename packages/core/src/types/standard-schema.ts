/** What a validator found wrong; `path` leads to the value. */
export interface SchemaIssue {
  readonly message: string;
  readonly path?: readonly (PropertyKey | { readonly key: PropertyKey })[] | undefined;
}

export type SchemaResult<Output> =
  | { readonly value: Output; readonly issues?: undefined }
  | { readonly issues: readonly SchemaIssue[] };

/**
 * Any schema that follows Standard Schema, version 1 (standardschema.dev): zod, valibot, arktype and others. Their common
 * ground is this type; none of them is imported.
 */
export interface StandardSchema<Input = unknown, Output = Input> {
  readonly '~standard': {
    readonly version: 1;
    readonly vendor: string;
    readonly validate: (value: unknown) => SchemaResult<Output> | Promise<SchemaResult<Output>>;
    /** Only for the compiler; absent at run time. */
    readonly types?: { readonly input: Input; readonly output: Output } | undefined;
    /** Standard JSON Schema, version 1: from zod 4.2 on and in arktype. */
    readonly jsonSchema?: SchemaConverter | undefined;
  };
}

export interface SchemaConverter {
  readonly input: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>;
  readonly output: (options: { readonly target: 'draft-2020-12' }) => Record<string, unknown>;
}

/** Whether a value is a Standard Schema. Those of arktype are functions. */
export function isStandardSchema(value: unknown): value is StandardSchema {
  return ((typeof value === 'object' && value !== null) || typeof value === 'function') && '~standard' in value;
}

/**
 * Whether a value that should be a JSON Schema is a Standard Schema. The JSON Schemas that zod writes refer to their schema
 * by a hidden property.
 */
export function isUnwrittenSchema(value: unknown): boolean {
  if (!isStandardSchema(value)) return false;
  const isPlain = Object.getPrototypeOf(value) === Object.prototype;
  return !isPlain || Object.prototype.propertyIsEnumerable.call(value, '~standard');
}

/** What a schema accepts. */
export type InferInput<S extends StandardSchema> = NonNullable<S['~standard']['types']>['input'];

/** What a schema makes of it. */
export type InferOutput<S extends StandardSchema> = NonNullable<S['~standard']['types']>['output'];
