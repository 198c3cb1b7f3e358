import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { instructions } from '../../src/schema/instructions.ts';
import { objectFormat } from '../../src/schema/object-format.ts';
import { toJsonSchema } from '../../src/schema/to-json-schema.ts';
import { toolFormat } from '../../src/schema/tool-format.ts';
import { listOf } from '../../src/schema/wrap.ts';
import { mergeBodies } from '../../src/utils/merge-bodies.ts';

const json = toJsonSchema(z.object({ a: z.string() }));
const open = { type: 'object', properties: { a: { type: 'string' } }, required: ['a'] };
const closed = { ...open, additionalProperties: false };

describe('the body', () => {
  it('asks each provider in its own words', () => {
    expect(objectFormat('openai', json).body).toEqual({
      response_format: { type: 'json_schema', json_schema: { name: 'answer', schema: closed, strict: true } },
    });
    expect(objectFormat('openai-responses', json).body).toEqual({
      text: { format: { type: 'json_schema', name: 'answer', schema: closed, strict: true } },
    });
    expect(objectFormat('anthropic', json).body).toEqual({
      output_config: { format: { type: 'json_schema', schema: closed } },
    });
    expect(objectFormat('gemini', json).body).toEqual({
      generationConfig: { responseMimeType: 'application/json', responseJsonSchema: open },
    });
    expect(objectFormat('ollama', json).body).toEqual({ format: open });
  });

  it('has nothing for an own backend', () => {
    const { body, strict, wrapped } = objectFormat('backend', toJsonSchema(z.array(z.string().optional())));
    expect({ body, strict, wrapped }).toEqual({ body: {}, strict: false, wrapped: undefined });
  });

  it('keeps what the request says besides', () => {
    const joined = mergeBodies({ text: { verbosity: 'low' }, seed: 1 }, objectFormat('openai-responses', json).body);
    expect(joined).toMatchObject({ seed: 1, text: { verbosity: 'low', format: { name: 'answer' } } });
    expect(mergeBodies({ output_config: { effort: 'low' } }, objectFormat('anthropic', json).body)).toMatchObject({
      output_config: { effort: 'low', format: { type: 'json_schema' } },
    });
  });

  it('names the answer in letters that OpenAI takes', () => {
    const nameFor = (name: string): unknown => objectFormat('openai-responses', json, { name }).body;
    expect(nameFor('a recipe, für 2')).toMatchObject({ text: { format: { name: 'a_recipe__f_r_2' } } });
    expect(toolFormat(json, { name: 'a recipe, für 2' }).toolChoice).toEqual({ name: 'a_recipe__f_r_2' });
    expect(nameFor('x'.repeat(70))).toMatchObject({ text: { format: { name: 'x'.repeat(64) } } });
  });
});

describe('the object at the root', () => {
  it('is left alone where there is one', () => {
    expect(objectFormat('openai', json)).toMatchObject({ wrapped: undefined, schema: json });
  });

  it('is put around anything else for OpenAI only', () => {
    const list = toJsonSchema(z.array(z.string()));
    expect(objectFormat('openai', list)).toMatchObject({
      wrapped: 'value',
      schema: { type: 'object', properties: { value: { type: 'array' } } },
    });
    for (const dialect of ['anthropic', 'gemini', 'ollama'] as const)
      expect(objectFormat(dialect, list).wrapped).toBeUndefined();
  });

  it('keeps the definitions where references look for them', () => {
    const leaf = z.object({
      v: z.string(),
      get next() {
        return leaf.optional();
      },
    });
    const { schema } = objectFormat('openai', toJsonSchema(z.array(leaf)));
    expect(schema.$defs).toHaveProperty('__schema0');
    expect(schema.properties).toHaveProperty('value.items', { $ref: '#/$defs/__schema0' });
    expect(schema.properties?.['value']).not.toHaveProperty('$defs');
  });

  it('moves a root that refers to itself', () => {
    const node = z.object({
      get children() {
        return z.array(node);
      },
    });
    const ref = { $ref: '#/$defs/_root' };
    expect(listOf(toJsonSchema(node))).toMatchObject({
      type: 'array',
      items: ref,
      $defs: { _root: { properties: { children: { items: ref } } } },
    });
    expect(objectFormat('openai', listOf(toJsonSchema(node))).strict).toBe(true);
    // Any JSON: a record is in it.
    expect(objectFormat('openai', toJsonSchema(z.json()))).toMatchObject({
      strict: false,
      wrapped: 'value',
      schema: { properties: { value: ref }, $defs: { _root: { anyOf: expect.any(Array) as unknown } } },
    });
  });
});

it('a list has its definitions at its root', () => {
  expect(listOf(json)).toEqual({ type: 'array', items: open });
  expect(listOf({ $ref: '#/$defs/a', $defs: { a: json } })).toEqual({
    type: 'array',
    items: { $ref: '#/$defs/a' },
    $defs: { a: json },
  });
});

describe('a tool in place of a format', () => {
  it('has to be called with the answer', () => {
    const { tools, toolChoice, wrapped } = toolFormat(json, { name: 'recipe' });
    expect(tools).toEqual([{ name: 'recipe', description: expect.any(String) as string, inputSchema: json }]);
    expect(toolChoice).toEqual({ name: 'recipe' });
    expect(wrapped).toBeUndefined();
  });

  it('takes an object, whatever the schema is of', () => {
    const { tools, schema, wrapped } = toolFormat(toJsonSchema(z.number()));
    expect(wrapped).toBe('value');
    expect(tools[0].inputSchema).toBe(schema);
    expect(schema).toEqual({ type: 'object', properties: { value: { type: 'number' } }, required: ['value'] });
  });
});

it('instructions carry the schema and the word that some servers look for', () => {
  expect(instructions(json)).toContain(JSON.stringify(json));
  expect(instructions(json)).toMatch(/JSON only/);
});
