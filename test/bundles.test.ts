import { fileURLToPath } from 'node:url';
import { build, type Rolldown } from 'vite';
import { expect, it } from 'vitest';

/** The modules that come along with all that an entry of `@rivulet/react` exports, React left out. */
async function modulesOf(entry: string): Promise<string[]> {
  const built = await build({
    configFile: false,
    logLevel: 'silent',
    resolve: { conditions: ['source'] },
    build: {
      write: false,
      lib: { entry: fileURLToPath(new URL(`../packages/react/src/${entry}`, import.meta.url)), formats: ['es'] },
      rolldownOptions: { external: /^react(-dom)?(\/|$)/ },
    },
  });
  const { output } = [built].flat()[0] as Rolldown.RolldownOutput;
  return output.flatMap((file) => (file.type === 'chunk' ? file.moduleIds : []));
}

const ofReactQuery = /@tanstack|packages\/react\/src\/query\//;

it('the entry of @rivulet/react holds nothing of React Query, nor of what is for it', async () => {
  const modules = await modulesOf('index.ts');
  expect(modules.length).toBeGreaterThan(10);
  expect(modules.filter((id) => ofReactQuery.test(id))).toEqual([]);
  expect((await modulesOf('query/index.ts')).some((id) => id.includes('@tanstack'))).toBe(true);
});

it('the entry for React Query holds nothing of the other hooks', async () => {
  const modules = await modulesOf('query/index.ts');
  expect(modules.filter((id) => /packages\/react\/src\/(?!query\/)/.test(id))).toEqual([]);
});
