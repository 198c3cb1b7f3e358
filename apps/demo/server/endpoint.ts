import type { IncomingMessage, ServerResponse } from 'node:http';
import { COMPLETIONS_PATH, LLM_BASE_PATH, STATUS_PATH, type LLMStatus } from '../shared/llm-endpoint.ts';
import { readBody } from './body.ts';
import { constrain, type Limits } from './constrain.ts';
import { forward, type Upstream } from './forward.ts';
import { refuseForeignPost, refuseStranger } from './guard.ts';
import { sendJson, sendRefusal } from './refusal.ts';

export interface EndpointConfig {
  status: LLMStatus;
  upstream: Upstream;
  limits: Limits;
}

const BODY_LIMIT = 256 * 1024;

/** The demo's model endpoint as a middleware: one path to post to, one that says which model is on. */
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
  if (path !== COMPLETIONS_PATH) {
    return sendRefusal(res, { status: 404, code: 'unknown_path', message: `Only ${COMPLETIONS_PATH} is served here.` });
  }
  const foreign = refuseForeignPost(req);
  if (foreign) return sendRefusal(res, foreign);

  const text = await readBody(req, BODY_LIMIT);
  if (text === null) {
    return sendRefusal(res, { status: 413, code: 'body_too_large', message: `The body may have ${BODY_LIMIT} bytes.` });
  }
  const constrained = constrain(text, config.limits);
  if ('refusal' in constrained) return sendRefusal(res, constrained.refusal);
  await forward(config.upstream, constrained.body, res);
}
