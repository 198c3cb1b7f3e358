import { loadEnv } from 'vite';
import { isLoopbackHostname } from './loopback.ts';

export type Settings = OfflineSettings | ProviderSettings;

export interface OfflineSettings {
  mode: 'offline';
}

export interface ProviderSettings {
  mode: 'provider';
  apiKey: string;
  /** Without a trailing slash. */
  baseURL: string;
  model: string;
}

const DEFAULT_BASE_URL = 'https://api.openai.com/v1';
const DEFAULT_MODEL = 'gpt-4.1-mini';

/**
 * Reads `OPENAI_API_KEY`, `OPENAI_BASE_URL` and `OPENAI_MODEL` from the `.env` files of the folders (a later folder wins)
 * and from the environment (which wins over all files). Without a key the offline model answers.
 */
export function readSettings(mode: string, folders: readonly string[]): Settings {
  const env: Record<string, string> = {};
  for (const folder of folders) Object.assign(env, loadEnv(mode, folder, ''));

  const apiKey = env['OPENAI_API_KEY']?.trim();
  if (!apiKey) return { mode: 'offline' };
  return {
    mode: 'provider',
    apiKey,
    baseURL: readBaseURL(env['OPENAI_BASE_URL']?.trim() || DEFAULT_BASE_URL),
    model: env['OPENAI_MODEL']?.trim() || DEFAULT_MODEL,
  };
}

function readBaseURL(text: string): string {
  if (!URL.canParse(text)) throw new Error('OPENAI_BASE_URL is not a URL');
  const url = new URL(text);
  if (url.protocol !== 'https:' && url.protocol !== 'http:') throw new Error('OPENAI_BASE_URL must be http or https');
  // A key in clear text is readable by everyone on the way.
  if (url.protocol === 'http:' && !isLoopbackHostname(url.hostname)) {
    throw new Error('OPENAI_BASE_URL must be https, except on this machine');
  }
  return text.replace(/\/+$/, '');
}
