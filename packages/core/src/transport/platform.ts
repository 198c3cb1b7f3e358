import { LLMError } from '../errors/error.ts';

/**
 * Checks that the platform has what a request needs.
 * @throws {LLMError} with code `config` that names what is missing.
 */
export function requirePlatform(...names: readonly (keyof typeof globalThis)[]): void {
  for (const name of names) if (!(name in globalThis) || globalThis[name] === undefined) throw missingPart(name);
}

/** The error for a part of the platform that is missing. It is never retried. */
export function missingPart(name: string, cause?: unknown): LLMError {
  return new LLMError(`This platform has no ${name}: load a polyfill first`, { code: 'config', cause });
}
