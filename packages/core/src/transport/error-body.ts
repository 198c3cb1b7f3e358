import { MAX_ERROR_BODY } from '../errors/limits.ts';
import { isObject, type JsonObject } from '../utils/json-object.ts';
import { cancelBody } from './release-body.ts';

/** Reads the start of the body of a failed response, or what arrives before it breaks off. */
export async function readErrorBody(response: Response, signal?: AbortSignal): Promise<string> {
  if (!response.body) return readWholeText(response);
  let reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  const cancel = (): void => cancelBody(reader);
  signal?.addEventListener('abort', cancel);
  const decoder = new TextDecoder();
  let size = 0;
  let text = '';
  try {
    reader = response.body.getReader();
    while (size < MAX_ERROR_BODY) {
      const chunk = await reader.read();
      if (!chunk?.value) break;
      size += chunk.value.length;
      text += decoder.decode(chunk.value, { stream: true });
    }
  } catch {
    // The status is enough for an error.
  } finally {
    signal?.removeEventListener('abort', cancel);
    cancel();
  }
  return text;
}

/** Where `fetch` has no streams, as in React Native. */
async function readWholeText(response: Response): Promise<string> {
  try {
    return (await response.text()).slice(0, MAX_ERROR_BODY);
  } catch {
    return '';
  }
}

/** What an error body contains, whatever its shape. */
export interface ErrorBody {
  readonly message: string;
  /** The server's names for the failure: `code`, `type`, `status` and the like, those of the error itself first. */
  readonly codes: readonly string[];
  /** The HTTP status that the body names. */
  readonly status: number | undefined;
  readonly requestId: string | undefined;
  /** The error, what is around it, and what is nested in it. */
  readonly objects: readonly JsonObject[];
}

/** Fields that name a failure, by precedence. */
const CODE_FIELDS = [
  'code',
  'type',
  'status',
  'reason',
  'error_type',
  'error_code',
  'status_code',
  'statusCode',
  'http_code',
];

const MESSAGE_FIELDS = [
  'message',
  'detail',
  'details',
  'msg',
  'error_msg',
  'error_message',
  'errorMessage',
  'status_msg',
  'error_description',
  'errorText',
  'title',
];

/**
 * Fields whose objects describe the failure further. Others may repeat the request.
 * `innererror`: https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter
 * `details`: https://cloud.google.com/apis/design/errors
 * `metadata`, `raw`: https://openrouter.ai/docs/api-reference/errors
 * `base_resp`: https://platform.minimax.io/docs/api-reference/errorcode
 * `errors`: https://developers.cloudflare.com/api
 */
const NESTED_FIELDS = [
  'error',
  'errors',
  'details',
  'innererror',
  'inner_error',
  'innerError',
  'metadata',
  'raw',
  'base_resp',
  'message',
  'detail',
];

const MAX_OBJECTS = 50;

/** Reads the body of an error, as JSON or as text. */
export function parseErrorBody(body: unknown): ErrorBody {
  const value = typeof body === 'string' ? (parseJSON(body) ?? body) : body;
  const root = Array.isArray(value) ? (value as readonly unknown[])[0] : value;
  if (!isObject(root)) {
    return { message: textOf(root), codes: [], status: undefined, requestId: undefined, objects: [] };
  }
  const objects = collect(root);
  const codes = objects.flatMap((object) => CODE_FIELDS.flatMap((name) => codeOf(object[name])));
  return {
    message: objects.map(messageIn).find(Boolean) ?? '',
    codes,
    status: minimaxStatus(root['base_resp']) ?? codes.filter((code) => /^[45]\d\d$/.test(code)).map(Number)[0],
    requestId: typeof root['request_id'] === 'string' ? root['request_id'] : undefined,
    objects,
  };
}

/** The nested objects, breadth first: `error` before what is around it, because its names are the more exact ones. */
function collect(root: JsonObject): JsonObject[] {
  const found: JsonObject[] = [root];
  for (let at = 0; at < found.length; at += 1) {
    for (const name of NESTED_FIELDS) {
      const field = found[at]?.[name];
      const value = typeof field === 'string' ? parseJSON(field) : field;
      const list: readonly unknown[] = Array.isArray(value) ? value : [value];
      found.push(...list.slice(0, MAX_OBJECTS - found.length).filter(isObject));
    }
  }
  const [, ...nested] = found;
  return isObject(root['error']) ? [...nested, root] : found;
}

function messageIn({ error, ...fields }: JsonObject): string {
  if (typeof error === 'string' && error) {
    // Fastify and Nest: `error` is the name of the status.
    return typeof fields['message'] === 'string' && fields['message'] ? `${error}: ${fields['message']}` : error;
  }
  for (const name of MESSAGE_FIELDS) {
    const text = textOf(fields[name]);
    if (text) return text;
  }
  return '';
}

function textOf(value: unknown): string {
  if (typeof value === 'string') return value;
  return typeof value === 'object' && value && Object.keys(value).length > 0 ? JSON.stringify(value) : '';
}

function codeOf(value: unknown): string[] {
  return (typeof value === 'string' && value) || typeof value === 'number' ? [String(value)] : [];
}

/** JSON objects and lists alone: a text that is a number is a text. */
function parseJSON(text: string): unknown {
  if (!/^\s*[{[]/.test(text)) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

/** Codes of MiniMax, which come with status 200. https://platform.minimax.io/docs/api-reference/errorcode */
const MINIMAX_STATUSES = new Map<unknown, number>([
  [1000, 500],
  [1001, 504],
  [1002, 429],
  [1004, 401],
  [1008, 402],
  [1024, 500],
  [1026, 400],
  [1027, 400],
  [1033, 500],
  [1039, 429],
  [1041, 429],
  [2013, 400],
  [2049, 401],
  [2056, 429],
]);

function minimaxStatus(response: unknown): number | undefined {
  return isObject(response) ? MINIMAX_STATUSES.get(response['status_code']) : undefined;
}
