import { LLMock } from '@copilotkit/aimock';
import { execFile } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { describe, expect, inject, it } from 'vitest';

const root = fileURLToPath(new URL('..', import.meta.url));

/** Runs the command without the keys of whoever runs the tests. */
function live(env: Record<string, string>, ...args: string[]): Promise<{ code: number | null; output: string }> {
  const clean = Object.entries(process.env).filter(([name]) => !/^(OPENAI|ANTHROPIC|GEMINI|OLLAMA)_/.test(name));
  const command = ['--conditions=source', '--import', 'tsx', 'scripts/live.ts', ...args];
  return new Promise((resolve) => {
    const child = execFile(
      process.execPath,
      command,
      { cwd: root, env: { ...Object.fromEntries(clean), ...env } },
      (_, stdout, stderr) => resolve({ code: child.exitCode, output: stdout + stderr }),
    );
  });
}

describe('pnpm live', () => {
  it('skips everything without keys, and says so', async () => {
    const { code, output } = await live({});
    expect(code).toBe(0);
    for (const key of ['OPENAI_API_KEY', 'ANTHROPIC_API_KEY', 'GEMINI_API_KEY', 'OLLAMA_HOST'])
      expect(output).toContain(`skipped, ${key} is not set.`);
    expect(output).toContain('Everything was skipped.');
  });

  it('asks whom it has a key for, and says how they did', async () => {
    const usage = { prompt_tokens: 9, completion_tokens: 3, input_tokens: 9, output_tokens: 3 };
    const gemini = { promptTokenCount: 9, candidatesTokenCount: 3 };
    const server = new LLMock({ host: '127.0.0.1', port: 0 })
      .onMessage('German', { content: 'Fluss 💧' })
      .onMessage('hello', { content: 'Hello.', usage: { ...usage, ...gemini } })
      .onMessage('17 times 23', { content: '391', reasoning: 'Twenty times 17, and three times 17.' })
      .onMessage('Paris', { toolCalls: [{ name: 'weather', arguments: '{"city":"Paris"}' }] })
      .onMessage('Borscht', { content: '{"title":"Borscht","kind":"soup","serves":4,"parts":[{"name":"beet"}]}' })
      .onMessage('two hundred', { content: 'One, two,', finishReason: 'length' });
    const url = await server.start();
    try {
      const { code, output } = await live({
        OPENAI_API_KEY: 'key',
        OPENAI_BASE_URL: `${url}/v1`,
        ANTHROPIC_API_KEY: 'key',
        ANTHROPIC_BASE_URL: url,
        GEMINI_API_KEY: 'key',
        GEMINI_BASE_URL: url,
        OLLAMA_HOST: new URL(url).host,
      });
      for (const name of ['openai', 'anthropic', 'gemini'])
        expect(output).toMatch(new RegExp(`^${name}( +ok \\d+\\.\\d s){6}$`, 'm'));
      // The model server does not say on these two wires why an answer was cut, and counts no tokens for Ollama.
      expect(output).toMatch(/^openai-responses( +ok \d+\.\d s){5} +failed$/m);
      expect(output).toMatch(/^ollama +ok \d+\.\d s +failed( +ok \d+\.\d s){3} +failed$/m);
      expect(code).toBe(1);
    } finally {
      await server.stop();
    }
  });

  it('tells what is wrong, and keeps the key to itself', async () => {
    const { code, output } = await live({
      OPENAI_API_KEY: 'sk-planted',
      OPENAI_BASE_URL: `${inject('modelServerUrl')}/v1`,
    });
    // The model server says hello to all that greet it, and knows no German.
    expect(output).toMatch(/^openai +failed +ok \d/m);
    expect(output).toMatch(/^openai, text: NotFoundError/m);
    expect(output).toContain('anthropic: skipped, ANTHROPIC_API_KEY is not set.');
    expect(output).not.toContain('sk-planted');
    expect(code).toBe(1);
  });

  it('asks only those that are named', async () => {
    const { output } = await live({}, 'gemini');
    expect(output).toContain('gemini: skipped');
    expect(output).not.toContain('openai');
    expect(await live({}, 'gemeni')).toMatchObject({ code: 2 });
  });
});
