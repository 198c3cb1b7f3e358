import { isObject } from '../utils/json-object.ts';

/**
 * Whether a JSON document that a server sent with status 200, in place of a frame of its wire, is an error:
 * `{"error": …}`, `{"errors": […]}`, `{"detail": …}`, `{"message": "…", "code": …}`, `{"object": "error", …}`,
 * `{"success": false}` or `{"base_resp": {"status_code": 1008, …}}`. `parseErrorBody` reads all of them.
 * @param isTyped the document has a type of its wire, so its other fields are not those of an error.
 */
export function isErrorBody(value: unknown, isTyped = false): boolean {
  const body: unknown = Array.isArray(value) ? value[0] : value;
  if (!isObject(body)) return false;
  const { error, errors, detail, object, success, base_resp: response } = body;
  if (object === 'error') return true;
  if (isTyped) return false;
  if (error || isFilled(errors) || isFilled(detail)) return true;
  if (success === false) return true;
  if (isObject(response) && response['status_code']) return true;
  return isMessage(body['message'] ?? body['msg'] ?? body['error_msg'] ?? body['errorMessage'], body);
}

function isFilled(value: unknown): boolean {
  return typeof value === 'object' && value ? Object.keys(value).length > 0 : typeof value === 'string' && value !== '';
}

/** A message is one of an error if a code is beside it, or nothing that names another kind of document. */
function isMessage(message: unknown, body: Readonly<Record<string, unknown>>): boolean {
  if (typeof message !== 'string' || !message) return false;
  const hasCode = ['code', 'status', 'statusCode', 'error_code', 'errorCode'].some((name) => body[name]);
  return hasCode || (body['type'] === undefined && body['object'] === undefined);
}
