/**
 * Claude models that think without being asked: from 5 on, and the newest one of a family.
 * https://platform.claude.com/docs/en/build-with-claude/thinking
 */
const THINKING_CLAUDE: RegExp = /claude-(?:mythos|[a-z]+-(?:[5-9](?!\d)|\d\d(?!\d)|latest))/i;

/**
 * Other models that think without being asked. Gemini from 2.5 on: https://ai.google.dev/gemini-api/docs/thinking
 */
const THINKING_MODEL =
  /gemini-(?:2\.5|[3-9]|\d\d)|gpt-oss|grok-(?:3-mini|[4-9]|code)|reason|think|-r1|qwq|qwen3(?!\S*(?:instruct|coder))|magistral/i;

/** OpenAI's own, by their id without the name of a vendor in front. */
const THINKING_OPENAI = /^(?:o\d|gpt-(?:[5-9]|\d\d)|codex)/i;

function withoutVendor(model: string): string {
  return model.slice(model.lastIndexOf('/') + 1);
}

/** Whether it is one of OpenAI's own reasoning models. */
export function isOpenAIReasoning(model: string): boolean {
  const id = withoutVendor(model);
  return THINKING_OPENAI.test(id) && !id.includes('-chat');
}

/** Whether the model thinks without being asked, by its name under any provider: a default bound would cut its thinking. */
export function thinksByItself(model: string): boolean {
  const id = withoutVendor(model);
  return isOpenAIReasoning(model) || THINKING_CLAUDE.test(id) || THINKING_MODEL.test(id);
}
