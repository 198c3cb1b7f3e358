import { anything, assert, json, property, string } from 'fast-check';
import { describe, expect, it } from 'vitest';
import { acceptedIn, limitIn, readRefusal } from '../../src/run/refusal.ts';
import { growthOf, LINEAR } from '../support/growth.ts';

const KEYS = ['none', 'minimal', 'low', 'medium', 'high', 'xhigh', 'max'];

describe('the body of an error', () => {
  it('may be anything', () => {
    for (const bodies of [string(), json(), anything().map((value) => JSON.stringify(value) ?? '')]) {
      assert(
        property(bodies, (body) => {
          const refusal = readRefusal(body);
          acceptedIn(refusal, KEYS);
          limitIn(refusal, 2000);
        }),
      );
    }
  });

  it.each([
    'supported ',
    'supported: low ',
    'use ',
    '<',
    '< ',
    '"input":',
    '{"error":"',
    '[{"loc":["body",',
    'a.',
    'a[b]',
    '1 + ',
    'maximum ',
    'from 1 to ',
    'unknown param ',
    'system ',
    'reasoning_effort tool ',
    '\\"',
  ])('is read in time proportional to its length: %s', async (piece) => {
    const growth = await growthOf((length) => {
      const refusal = readRefusal(piece.repeat(Math.ceil(length / piece.length)));
      acceptedIn(refusal, KEYS);
      limitIn(refusal, 2000);
    }, 8192);

    expect(growth).toBeLessThan(LINEAR);
  });

  it.each<[string, string[]]>([
    ['{"error":{"param":"reasoning.effort","message":"No."}}', ['reasoning.effort']],
    ['{"detail":[{"loc":["body","temperature"],"msg":"Extra"}]}', ['temperature']],
    ['{"detail":[{"loc":["body","tools",0,"function","strict"],"msg":"Extra"}]}', ['tools.0.function.strict']],
    ['{"error":{"message":"thinking.type.enabled: Input should be \'adaptive\'"}}', ['thinking.type.enabled']],
    ['{"error":{"details":[{"fieldViolations":[{"field":"generation_config"}]}]}}', ['generation_config']],
    ['{"error":{"message":"Unknown name \\"thinkingLevel\\" at \'x\'"}}', ['thinkingLevel']],
    ['{"message":"{\\"error\\":{\\"param\\":\\"store\\"}}"}', ['store']],
    ['{"error":{"message":"No field.","param":null}}', []],
    ['temperature: not here', ['temperature']],
  ])('names fields: %s', (body, fields) => {
    expect(readRefusal(body).fields).toEqual(fields);
  });
});

it.each<[string, string[]]>([
  ["Supported values are: 'low', 'medium', and 'high'.", ['low', 'medium', 'high']],
  ["'max' is not supported with this model. Supported values are: 'none', and 'xhigh'.", ['none', 'xhigh']],
  ['reasoning_effort must be one of `none` or `low`', ['none', 'low']],
  ["Input should be 'low' or 'high'", ['low', 'high']],
  ['Allowed values: [LOW, HIGH]', ['low', 'high']],
  ['Thinking level MINIMAL is not supported for this model.', []],
  ['Expected one of: minimal|low', ['minimal', 'low']],
])('the accepted values are read: %s', (text, accepted) => {
  expect(acceptedIn(readRefusal(text), KEYS)).toEqual(accepted);
});

it.each<[string, number | undefined]>([
  ['must be <= 8192', 8192],
  ['max_tokens: 32000 > 8192, which is the maximum allowed number of output tokens for claude-3-5-haiku', 8192],
  ['must be less than or equal to `8192`', 8192],
  ['must be less than 8193', 8192],
  ['the valid range of max_tokens is [1, 8192]', 8192],
  ['supports at most 8,192 completion tokens, whereas you provided 32000', 8192],
  ['the supported range is from 1 (inclusive) to 8193 (exclusive)', 8192],
  ['exceeds the maximum of 8192', 8192],
  ['The maximum value is 8192.', 8192],
  ['Input should be less than or equal to 8192', 8192],
  ['max_tokens must be at least 1', undefined],
  ['max_tokens is too large: 32000', undefined],
  ['must be at most 64000', undefined],
])('the upper bound is read: %s', (text, limit) => {
  expect(limitIn(readRefusal(text), 32_000)).toEqual({ limit, isForRequest: false });
});
