import type { ErrorBody } from './error-body.ts';

/**
 * Names of a blocked prompt or answer, in lower case without separators.
 * Azure: https://learn.microsoft.com/azure/ai-foundry/openai/concepts/content-filter
 * OpenAI: https://platform.openai.com/docs/guides/image-generation#content-moderation, and the error codes of
 *   https://platform.openai.com/docs/api-reference/responses/object
 * DashScope: https://help.aliyun.com/zh/model-studio/error-code
 * Zhipu (1301): https://docs.z.ai/api-reference/api-code
 * MiniMax (1026, 1027): https://platform.minimax.io/docs/api-reference/errorcode
 * Moonshot: https://platform.moonshot.ai/docs/api/chat#error-codes
 * Spark (10013, 10014): https://www.xfyun.cn/doc/spark/HTTP调用文档.html
 * StepFun: https://platform.stepfun.com/docs/api-reference/error-code
 * Hunyuan: https://cloud.tencent.com/document/product/1729/101843
 * Gemini: https://ai.google.dev/api/generate-content#BlockReason
 * LiteLLM: https://docs.litellm.ai/docs/exception_mapping
 * New API: https://github.com/QuantumNous/new-api/blob/main/types/error.go
 */
const FILTER_CODES = new Set([
  'contentfilter',
  'contentfiltered',
  'contentfiltererror',
  'contentpolicyviolation',
  'contentpolicyviolationerror',
  'imagecontentpolicyviolation',
  'responsibleaipolicyviolation',
  'moderationblocked',
  'contentmoderation',
  'contentmoderated',
  'cyberpolicy',
  'cyberpolicyviolation',
  'datainspectionfailed',
  'customroleblocked',
  'faqruleblocked',
  'ipinfringementsuspect',
  'inputnewsensitive',
  'outputnewsensitive',
  'newsensitive',
  'censorshipblocked',
  'textillegaldetected',
  'imageillegaldetected',
  'sensitivewordsdetected',
  'sensitivecheckerror',
  'promptblocked',
  'prohibitedcontent',
  'imageprohibitedcontent',
  'safety',
  'imagesafety',
  'blocklist',
  'recitation',
  'spii',
  'modelarmor',
  'guardrailintervened',
  '1301',
  '1026',
  '1027',
  '10013',
  '10014',
]);

/** Volcengine, for each kind of input and output. https://www.volcengine.com/docs/82379/1299023 */
const VOLCENGINE = /^(?:(?:input|output)(?:text|image|video|audio))?(?:sensitivecontentdetected|riskdetection)$/;

/** Whole messages of servers that send no code of their own for it. Words within other messages do not count. */
const FILTER_MESSAGES = [
  // Azure, as gateways quote it
  /\bresponse was filtered due to the prompt triggering [\w' ]{0,40}content management policy/i,
  // DashScope, as gateways quote it
  /\b(?:input|output)(?: \w+)? data may contain inappropriate content\b/i,
  // Anthropic
  /^(?:input|output) blocked by content filtering policy/i,
  // DeepSeek
  /^content exists risk$/i,
  // xAI
  /^content violates usage guidelines\b/i,
  // OpenAI images
  /^your request was rejected (?:by the|as a result of our) safety system/i,
  // Amazon Bedrock
  /^this request has been blocked by our content filters/i,
  // Cloudflare AI Gateway
  /^(?:prompt|response) blocked due to security configurations/i,
];

/** The code of the server for a blocked prompt or answer, or `undefined` for any other failure. */
export function contentFilterCode({ codes, message, objects }: ErrorBody): string | undefined {
  const code = codes.find(isFilterCode);
  if (code) return code;
  // OpenAI has one code for safety blocks and for prompts of a wrong form.
  const invalidPrompt = codes.find((each) => each === 'invalid_prompt');
  if (invalidPrompt && /usage polic|safety/i.test(message)) return invalidPrompt;
  // https://openrouter.ai/docs/api-reference/errors#moderation-errors
  const moderation = objects.find(({ reasons, flagged_input: flagged }) => isTexts(reasons) || isText(flagged));
  if (moderation) return isTexts(moderation['reasons']) ? moderation['reasons'].join(', ') : 'flagged_input';
  // Gateways put the code before the message: `<400> InternalError.Algo.DataInspectionFailed: …`.
  const [prefix = ''] = /^(?:<\d+> ?)?(?:[\w.]+: ?)*/.exec(message) ?? [];
  const prefixCode = prefix.split(/[<>: ]+/).find(isFilterCode);
  if (prefixCode) return prefixCode;
  // https://docs.x.ai/docs/key-information/debugging
  const [check] = /\bSAFETY_CHECK_TYPE_\w+/.exec(message) ?? [];
  if (check) return check;
  return FILTER_MESSAGES.some((each) => each.test(message)) ? (codes[0] ?? 'content_filter') : undefined;
}

function isFilterCode(code: string): boolean {
  return code.split('.').some((part) => {
    const name = part.toLowerCase().replace(/[^a-z0-9]/g, '');
    return FILTER_CODES.has(name) || VOLCENGINE.test(name);
  });
}

function isText(value: unknown): value is string {
  return typeof value === 'string' && value !== '';
}

function isTexts(value: unknown): value is readonly string[] {
  return Array.isArray(value) && value.length > 0 && value.every(isText);
}
