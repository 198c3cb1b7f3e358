// Fails for a regular expression whose running time can grow faster than its input, by static analysis.
import { check } from 'recheck';
import { findRegularExpressions, findUnlistedFiles, isBounded } from './regular-expressions.ts';

const TIMEOUT_MS = 60_000;

const problems = findUnlistedFiles().map(
  (file) => `${file}: list what its functions build in scripts/regular-expressions.ts`,
);
const expressions = await findRegularExpressions();
for (const expression of expressions) {
  const { at, source, flags } = expression;
  if (isBounded(expression)) continue;
  const result = await check(source, flags, { timeout: TIMEOUT_MS });
  if (result.status === 'safe') continue;
  const reason =
    result.status === 'vulnerable' ? `${result.complexity.summary}, with ${result.attack.pattern}` : 'not judged';
  problems.push(`${at}: /${source}/${flags} is ${reason}`);
}
for (const problem of problems) console.error(problem);
console.log(`${expressions.length} regular expressions, ${problems.length} problems`);
process.exitCode = problems.length > 0 ? 1 : 0;
