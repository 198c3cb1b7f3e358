import type { IncomingMessage, ServerResponse } from 'node:http';
import { LLM_BASE_PATH, STATUS_PATH, type LLMStatus } from '../shared/llm-endpoint.ts';
import { readBody } from './body.ts';
import { constrain, type Limits } from './constrain.ts';
import { forward, type Upstream } from './forward.ts';
import { refuseForeignPost, refuseStranger } from './guard.ts';
import { sendJson, sendRefusal } from './refusal.ts';

/** Where requests to one path go. */
export interface Route {
  upstream: Upstream;
  limits: Limits;
}

export interface EndpointConfig {
  status: LLMStatus;
  /** By path, without a query. There is nothing else to post to. */
  routes: ReadonlyMap<string, Route>;
}

/** Room for files, which are sent as base64. */
const BODY_LIMIT = 8 * 1024 * 1024;

/** The demo's model endpoint as a middleware: a few fixed paths to post to, and one that says which models are on. */
export function createEndpoint(
  config: EndpointConfig,
): (req: IncomingMessage, res: ServerResponse, next: () => void) => void {
  return (req, res, next) => {
    const path = (req.url ?? '').split('?', 1)[0] ?? '';
    if (path !== LLM_BASE_PATH && !path.startsWith(`${LLM_BASE_PATH}/`)) {
      next();
      return;
    }
    answer(config, path, req, res).catch(() => res.destroy());
  };
}

async function answer(config: EndpointConfig, path: string, req: IncomingMessage, res: ServerResponse): Promise<void> {
  const stranger = refuseStranger(req);
  if (stranger) return sendRefusal(res, stranger);
  if (path === STATUS_PATH && req.method === 'GET') return sendJson(res, config.status);
  const route = config.routes.get(path);
  if (!route) {
    const paths = [...config.routes.keys()].join(', ');
    return sendRefusal(res, { status: 404, code: 'unknown_path', message: `Only these are served here: ${paths}.` });
  }
  const foreign = refuseForeignPost(req);
  if (foreign) return sendRefusal(res, foreign);

  const text = await readBody(req, BODY_LIMIT);
  if (text === null) {
    return sendRefusal(res, { status: 413, code: 'body_too_large', message: `The body may have ${BODY_LIMIT} bytes.` });
  }
  const constrained = constrain(text, route.limits);
  if ('refusal' in constrained) return sendRefusal(res, constrained.refusal);
  await forward(route.upstream, constrained.body, res);
}
