function frame(delta: Record<string, unknown>, finishReason: string | null, padding: number): string {
  const chunk = {
    id: 'chatcmpl-CcRvLtT0kEnS9yBq4mX2wZ7aHdJuN',
    object: 'chat.completion.chunk',
    created: 1_760_000_000,
    model: 'gpt-4o-mini-2024-07-18',
    service_tier: 'default',
    system_fingerprint: 'fp_560af6e559',
    choices: [{ index: 0, delta, logprobs: null, finish_reason: finishReason }],
    obfuscation: 'x7Kq2PzVw9Lr4T'.slice(0, padding),
  };
  return `data: ${JSON.stringify(chunk)}\n\n`;
}

/** A streamed chat completion as OpenAI sends it: each event repeats id and model, and pads itself to a common length. */
export function openAIFrames(pieces: readonly string[]): string[] {
  return [
    frame({ role: 'assistant', content: '', refusal: null }, null, 10),
    ...pieces.map((content) => frame({ content }, null, Math.max(14 - content.length, 1))),
    frame({}, 'stop', 8),
    'data: [DONE]\n\n',
  ];
}
