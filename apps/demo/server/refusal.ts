import type { ServerResponse } from 'node:http';

/** A request that is not passed on, answered in the error shape of OpenAI's API. */
export interface Refusal {
  status: number;
  code: string;
  message: string;
}

export function sendRefusal(res: ServerResponse, refusal: Refusal): void {
  const type = refusal.status >= 500 ? 'server_error' : 'invalid_request_error';
  const { message, code } = refusal;
  res.statusCode = refusal.status;
  if (refusal.status === 405) res.setHeader('Allow', 'POST');
  sendJson(res, { error: { message, type, param: null, code } });
}

export function sendJson(res: ServerResponse, value: unknown): void {
  res.setHeader('Content-Type', 'application/json');
  res.setHeader('Cache-Control', 'no-store');
  res.setHeader('X-Content-Type-Options', 'nosniff');
  res.end(JSON.stringify(value));
}
