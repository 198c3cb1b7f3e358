import { LLMError } from '@rivulet/core';

const isString = (value: unknown): boolean => typeof value === 'string';
const isNumber = (value: unknown): boolean => typeof value === 'number' && Number.isFinite(value);
const isFunction = (value: unknown): boolean => typeof value === 'function';
const isObject = (value: unknown): boolean => typeof value === 'object' && value !== null && !Array.isArray(value);
/** `memo` and `lazy` return objects. */
const isComponent = (value: unknown): boolean => isString(value) || isFunction(value) || isObject(value);

interface PropRule {
  readonly expected: string;
  readonly accepts: (value: unknown) => boolean;
}

const URL_RULE: PropRule = { expected: 'a function that accepts a URL and returns a boolean', accepts: isFunction };
const PLUGINS: PropRule = { expected: 'a list of plugins', accepts: Array.isArray };

/** Props that cannot be used with a wrong type. The others count as booleans. */
const RULES: Readonly<Record<string, PropRule>> = {
  text: { expected: 'a string', accepts: isString },
  components: { expected: 'an object', accepts: isObject },
  CodeBlock: { expected: 'a component', accepts: isComponent },
  headingShift: { expected: 'a number', accepts: isNumber },
  allowLink: URL_RULE,
  allowImage: URL_RULE,
  remarkPlugins: PLUGINS,
  rehypePlugins: PLUGINS,
};

function kindOf(value: unknown): string {
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'boolean' || Number.isNaN(value)) return String(value);
  return typeof value === 'object' ? 'an object' : `a ${typeof value}`;
}

/**
 * Checks the props of `StreamingMarkdown` in JavaScript as TypeScript would. `undefined` and `null` are defaults.
 *
 * @throws {LLMError} with code `config` that names the first prop with a wrong type.
 */
export function checkProps(props: object): void {
  for (const [name, { expected, accepts }] of Object.entries(RULES)) {
    const value: unknown = Reflect.get(props, name);
    if (value === undefined || value === null || accepts(value)) continue;
    throw new LLMError(`StreamingMarkdown: "${name}" must be ${expected}, not ${kindOf(value)}`, { code: 'config' });
  }
}
