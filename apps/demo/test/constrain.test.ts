import { expect, it } from 'vitest';
import { constrain } from '../server/constrain.ts';
import { wires } from '../server/protocols.ts';

function constrained(id: string, fields: object): unknown {
  const wire = wires.find((each) => each.id === id) ?? wires[0];
  const result = constrain(JSON.stringify({ [wire.messages]: [], ...fields }), {
    ...wire,
    models: null,
    maxTokens: 100,
  });
  return 'body' in result ? JSON.parse(result.body) : result.refusal;
}

it.each([
  ['openai', { max_tokens: 500 }, { max_tokens: 100 }],
  ['openai-responses', { max_output_tokens: 500 }, { max_output_tokens: 100 }],
  ['anthropic', { max_tokens: 500 }, { max_tokens: 100 }],
  ['gemini', { generationConfig: { maxOutputTokens: 500 } }, { generationConfig: { maxOutputTokens: 100 } }],
  ['ollama', { options: { num_predict: 500 } }, { options: { num_predict: 100 } }],
  ['ollama', { options: { num_predict: -1 } }, { options: { num_predict: 100 } }],
])('caps the tokens of %s', (id, fields, expected) => {
  expect(constrained(id, fields)).toMatchObject(expected);
});

it('puts a limit where there is none, and leaves what stands beside it', () => {
  expect(constrained('gemini', { generationConfig: { temperature: 0 } })).toMatchObject({
    generationConfig: { temperature: 0, maxOutputTokens: 100 },
  });
  expect(constrained('ollama', {})).toMatchObject({ options: { num_predict: 100 } });
});
