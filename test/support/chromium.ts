import { execFileSync } from 'node:child_process';
import { accessSync, constants, existsSync, mkdtempSync, mkdirSync, renameSync, rmSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { chromium } from 'playwright-core';

/** What Playwright's `chromium.launch()` needs to start the browser that was found. */
export interface ChromiumLaunch {
  executablePath: string;
  args: string[];
  headless: true;
  env: Record<string, string>;
}

const LANGUAGE = 'en-US';

const args = [
  // Without it, pages have the machine's language, which `Intl` may reject: "en-US@posix" with `LANG=C`.
  `--accept-lang=${LANGUAGE}`,
  '--no-sandbox',
  '--disable-gpu',
  '--disable-dev-shm-usage',
  '--disable-background-networking',
  '--disable-component-update',
  '--disable-default-apps',
  '--disable-domain-reliability',
  '--disable-sync',
  '--no-default-browser-check',
  '--no-first-run',
  '--no-pings',
];

const names = ['chromium', 'chromium-browser', 'google-chrome-stable', 'google-chrome', 'chrome'];

const usualPlaces = [
  '/usr/bin',
  '/usr/local/bin',
  '/snap/bin',
  '/opt/google/chrome',
  '/Applications/Google Chrome.app/Contents/MacOS',
  '/Applications/Chromium.app/Contents/MacOS',
  String.raw`C:\Program Files\Google\Chrome\Application`,
  String.raw`C:\Program Files (x86)\Google\Chrome\Application`,
];

let found: ChromiumLaunch | undefined;

/**
 * Finds a Chromium for the tests: `RIVULET_CHROMIUM` (a path, or `bundled` for the packaged one), then an installed
 * Chromium or Chrome, then Playwright's own download, then the build that the `@sparticuz/chromium` package carries.
 *
 * @throws {Error} If there is none, which can only happen outside of Linux x64.
 */
export function findChromium(): ChromiumLaunch {
  found ??= locate();
  return found;
}

function locate(): ChromiumLaunch {
  const chosen = process.env['RIVULET_CHROMIUM'];
  if (chosen === 'bundled') return bundledChromium();
  if (chosen) return { executablePath: chosen, args, headless: true, env: environment() };

  const executablePath = installedChromium() ?? playwrightChromium();
  if (executablePath) return { executablePath, args, headless: true, env: environment() };
  if (process.platform === 'linux' && process.arch === 'x64') return bundledChromium();
  throw new Error('No Chromium found. Install Chromium or Chrome, or set RIVULET_CHROMIUM to its path.');
}

function installedChromium(): string | undefined {
  const [separator, suffix] = process.platform === 'win32' ? [';', '.exe'] : [':', ''];
  const fileNames = [...names, 'Google Chrome', 'Chromium'].map((name) => name + suffix);
  const folders = [...(process.env['PATH'] ?? '').split(separator), ...usualPlaces].filter(Boolean);
  return fileNames.flatMap((name) => folders.map((folder) => join(folder, name))).find(isExecutable);
}

function playwrightChromium(): string | undefined {
  const executablePath = chromium.executablePath();
  return isExecutable(executablePath) ? executablePath : undefined;
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}

/** The packaged build is unpacked once, with the libraries and fonts that a bare machine lacks. */
function bundledChromium(): ChromiumLaunch {
  const folder = fileURLToPath(new URL('../../node_modules/.cache/rivulet/chromium-143.0.4', import.meta.url));
  if (!existsSync(folder)) unpackChromium(folder);
  writeFileSync(join(folder, 'fonts', 'fonts.conf'), fontsConfiguration(join(folder, 'fonts')));
  return {
    executablePath: join(folder, 'chromium'),
    args,
    headless: true,
    env: {
      ...environment(),
      FONTCONFIG_PATH: join(folder, 'fonts'),
      LD_LIBRARY_PATH: [join(folder, 'al2023/lib'), process.env['LD_LIBRARY_PATH']].filter(Boolean).join(':'),
    },
  };
}

/** The package's own names folders of the machine it is made for; where no font is found, a form control crashes the page. */
function fontsConfiguration(folder: string): string {
  return `<?xml version="1.0"?>
<!DOCTYPE fontconfig SYSTEM "fonts.dtd">
<fontconfig>
  <dir>${join(folder, 'fonts')}</dir>
  <cachedir>${join(folder, 'cache')}</cachedir>
</fontconfig>
`;
}

function unpackChromium(folder: string): void {
  mkdirSync(dirname(folder), { recursive: true });
  const temporary = mkdtempSync(`${folder}-`);
  try {
    // The package unpacks into TMPDIR, and its libraries only where this variable tells it that they are missing.
    execFileSync(
      process.execPath,
      ['--input-type=module', '-e', `await (await import('@sparticuz/chromium')).default.executablePath()`],
      {
        cwd: dirname(fileURLToPath(import.meta.url)),
        env: { ...process.env, TMPDIR: temporary, AWS_EXECUTION_ENV: 'AWS_Lambda_nodejs20.x' },
        stdio: ['ignore', 'ignore', 'inherit'],
      },
    );
    // Renamed into place as a whole, so that a second process never sees half of it.
    renameSync(temporary, folder);
  } catch (error) {
    rmSync(temporary, { recursive: true, force: true });
    if (!existsSync(folder)) throw error;
  }
}

/** The variables decide how Chromium on Linux formats numbers and dates where a page names no locale. */
function environment(): Record<string, string> {
  const locale = LANGUAGE.replace('-', '_');
  const own = Object.entries(process.env).filter((entry): entry is [string, string] => entry[1] !== undefined);
  return { ...Object.fromEntries(own), LANGUAGE: locale, LANG: `${locale}.UTF-8`, LC_ALL: `${locale}.UTF-8` };
}
