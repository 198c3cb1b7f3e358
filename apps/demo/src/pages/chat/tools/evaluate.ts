const TOKEN = /\s*(?:(\d+(?:\.\d+)?|\.\d+)|([a-z]+)|([-+*/%^()]))/iy;
const MAX_LENGTH = 500;

const CONSTANTS: Readonly<Record<string, number>> = { pi: Math.PI, e: Math.E };
const FUNCTIONS: Readonly<Record<string, (value: number) => number>> = {
  sqrt: Math.sqrt,
  abs: Math.abs,
  round: Math.round,
  floor: Math.floor,
  ceil: Math.ceil,
  ln: Math.log,
  log: Math.log10,
  sin: Math.sin,
  cos: Math.cos,
};
/** How strongly an operator binds. */
const STRENGTHS: Readonly<Record<string, number>> = { '+': 1, '-': 1, '*': 2, '/': 2, '%': 2, '^': 4 };
/** More than a product, less than a power: -2^2 is -4. */
const SIGN_STRENGTH = 3;

/**
 * The value of an arithmetic expression: `(2 + 3) * 4`, `2^10`, `sqrt(2)`, `pi`.
 * @throws {SyntaxError} where it is none. @throws {RangeError} where it has no finite value.
 */
export function evaluate(expression: string): number {
  if (expression.length > MAX_LENGTH) throw new RangeError(`An expression has ${MAX_LENGTH} characters at most.`);
  const tokens = tokenize(expression);
  let at = 0;

  function readSum(least: number): number {
    let value = readValue();
    for (;;) {
      const operator = tokens[at] ?? '';
      const strength = STRENGTHS[operator];
      if (strength === undefined || strength < least) return value;
      at += 1;
      // Powers are read from the right: 2^3^2 is 2^9.
      value = apply(operator, value, readSum(operator === '^' ? strength : strength + 1));
    }
  }

  function readValue(): number {
    const token = tokens[at];
    at += 1;
    if (token === '-') return -readSum(SIGN_STRENGTH);
    if (token === '+') return readSum(SIGN_STRENGTH);
    if (token === '(') return readRest();
    if (token === undefined) throw new SyntaxError('The expression ends too early.');
    const name = token.toLowerCase();
    const value = Object.hasOwn(CONSTANTS, name) ? CONSTANTS[name] : Number(token);
    if (value !== undefined && !Number.isNaN(value)) return value;
    const called = Object.hasOwn(FUNCTIONS, name) ? FUNCTIONS[name] : undefined;
    if (!called) throw new SyntaxError(`“${token}” is not known here.`);
    if (tokens[at] !== '(') throw new SyntaxError(`“${token}” needs its number in brackets.`);
    at += 1;
    return called(readRest());
  }

  function readRest(): number {
    const value = readSum(1);
    if (tokens[at] !== ')') throw new SyntaxError('A bracket is not closed.');
    at += 1;
    return value;
  }

  const value = readSum(1);
  if (at < tokens.length) throw new SyntaxError(`“${tokens[at]}” is not expected here.`);
  if (!Number.isFinite(value)) throw new RangeError('The result is not a finite number.');
  // 0.1 + 0.2 is 0.3 for whoever asks.
  return Number(value.toPrecision(12));
}

function tokenize(expression: string): string[] {
  const text = expression.replaceAll('×', '*').replaceAll('÷', '/').replaceAll('−', '-').trimEnd();
  const tokens: string[] = [];
  let end = 0;
  while (end < text.length) {
    TOKEN.lastIndex = end;
    const match = TOKEN.exec(text);
    if (!match) throw new SyntaxError(`“${text.slice(end).trim()[0]}” is not expected here.`);
    tokens.push(match[0].trim());
    end = TOKEN.lastIndex;
  }
  return tokens;
}

function apply(operator: string, left: number, right: number): number {
  switch (operator) {
    case '+':
      return left + right;
    case '-':
      return left - right;
    case '*':
      return left * right;
    case '/':
      if (right === 0) throw new RangeError('Nothing can be divided by zero.');
      return left / right;
    case '%':
      return left % right;
    default:
      return left ** right;
  }
}
