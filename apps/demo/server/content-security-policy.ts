import { createHash } from 'node:crypto';
import type { Plugin } from 'vite';

/** The style attributes of React Query's devtools: these values are allowed, and no others. */
const DEVTOOLS_STYLES = [
  '--tsqd-font-size:16px',
  'position:absolute;top:0;left:0;width:100%',
  'position:relative;width:100%',
  'transform:rotate(-90deg)',
  'transform:rotate(90deg)',
  'transform:scale(1.02)',
].map((style) => `'sha256-${createHash('sha256').update(style).digest('base64')}'`);

const POLICY = [
  "default-src 'none'",
  "script-src 'self'",
  "style-src 'self'",
  `style-src-attr 'unsafe-hashes' ${DEVTOOLS_STYLES.join(' ')}`,
  "img-src 'self' data:",
  "connect-src 'self'",
  "form-action 'none'",
  "base-uri 'none'",
].join('; ');

/** Lets the built page load and call nothing but its own origin. Not in dev: hot reloading needs inline scripts. */
export function contentSecurityPolicy(): Plugin {
  return {
    name: 'rivulet-demo-content-security-policy',
    apply: 'build',
    transformIndexHtml: () => [
      { tag: 'meta', attrs: { 'http-equiv': 'Content-Security-Policy', content: POLICY }, injectTo: 'head-prepend' },
    ],
  };
}
