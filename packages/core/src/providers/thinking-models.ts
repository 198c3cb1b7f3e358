/**
 * Models that think without being asked, under every provider that has them: a default bound would cut their thinking.
 * Claude from 5 on: https://platform.claude.com/docs/en/build-with-claude/thinking
 * Gemini from 2.5 on: https://ai.google.dev/gemini-api/docs/thinking
 */
export const THINKING_CLAUDE: RegExp = /claude-(?:mythos|[a-z]+-(?:[5-9]|\d\d)(?!\d))/;
export const THINKING_GEMINI: RegExp = /gemini-(?:2\.5|[3-9]|\d\d)/;
