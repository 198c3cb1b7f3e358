import type { IncomingMessage } from 'node:http';
import { isLoopbackAddress, isLoopbackHostname } from './loopback.ts';
import type { Refusal } from './refusal.ts';

/** Only this machine: a client elsewhere, or a foreign name that resolves to us (DNS rebinding), is refused. */
export function refuseStranger(req: IncomingMessage): Refusal | null {
  if (!isLoopbackAddress(req.socket.remoteAddress)) {
    return { status: 403, code: 'not_loopback', message: 'The demo answers only this machine.' };
  }
  const host = parseHost(req.headers.host);
  if (host === null || !isLoopbackHostname(host.hostname)) {
    return { status: 403, code: 'host_not_allowed', message: 'The Host header does not name this machine.' };
  }
  return null;
}

/** Only the demo's own page: a JSON POST whose origin is the host it was sent to. */
export function refuseForeignPost(req: IncomingMessage): Refusal | null {
  if (req.method !== 'POST') {
    return { status: 405, code: 'method_not_allowed', message: 'Send a POST.' };
  }
  // Browsers put Origin on every POST, so a request without one is not from the page.
  const { origin, host } = req.headers;
  if (origin === undefined || host === undefined || !isSameOrigin(origin, host)) {
    return { status: 403, code: 'cross_origin', message: 'Only the demo page itself may call this address.' };
  }
  const site = req.headers['sec-fetch-site'];
  if (site !== undefined && site !== 'same-origin') {
    return { status: 403, code: 'cross_site', message: 'Only the demo page itself may call this address.' };
  }
  // A form of another site can post, but not with this type.
  const type = req.headers['content-type']?.split(';', 1)[0]?.trim().toLowerCase();
  if (type !== 'application/json') {
    return { status: 415, code: 'not_json', message: 'The Content-Type must be application/json.' };
  }
  const encoding = req.headers['content-encoding'];
  if (encoding !== undefined && encoding !== 'identity') {
    return { status: 415, code: 'encoded_body', message: 'The body must not be compressed.' };
  }
  return null;
}

function isSameOrigin(origin: string, host: string): boolean {
  return origin.toLowerCase() === `http://${host.toLowerCase()}`;
}

function parseHost(host: string | undefined): URL | null {
  const text = `http://${host ?? ''}`;
  return URL.canParse(text) ? new URL(text) : null;
}
