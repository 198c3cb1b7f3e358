import { record } from '../utils/read-value.ts';

/** A request with a list of messages of its own: what the app adds to its list after the call is not sent by a later attempt. */
export function snapshotRequest<Request>(request: Request): Request {
  const messages: unknown = record(request)?.['messages'];
  return Array.isArray(messages) ? { ...request, messages: [...(messages as unknown[])] } : request;
}
