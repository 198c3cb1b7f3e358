// Makes docs/images/demo.png from the running demo: `pnpm --filter @rivulet/demo screenshot`.
import { fileURLToPath } from 'node:url';
import { startDev } from '../test/support/commands.ts';
import { ask, launchBrowser, openDemo } from '../test/support/pages.ts';

const file = fileURLToPath(new URL('../../../docs/images/demo.png', import.meta.url));

const [demo, browser] = await Promise.all([startDev(), launchBrowser()]);
try {
  const page = await browser.newPage({
    viewport: { width: 1280, height: 900 },
    colorScheme: 'light',
  });
  await openDemo(page, demo.url);
  await ask(page, 'Explain how tokens reach this page');
  await page.getByText('The network cuts those bytes').waitFor();
  await page.screenshot({ path: file });
} finally {
  await Promise.all([demo.stop(), browser.close()]);
}
