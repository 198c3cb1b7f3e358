/** A base that no address is meant to have: what keeps it is relative. */
const BASE = 'wss://relative.invalid/';
const LINK = /^(?:https?|mailto|tel):/;
/** These run, or stand for, a page of their own. */
const NEVER = /^(?:javascript|vbscript|data|blob|file):/;

/** An address as a browser reads it, whatever blanks or capitals it holds; a relative one as it is. */
function normalize(url: string): string | undefined {
  let parsed: URL;
  try {
    parsed = new URL(url, BASE);
  } catch {
    return undefined;
  }
  if (parsed.protocol !== 'wss:') return parsed.href;
  // Of the page's own scheme: `//host/path`, which browsers also see in `/\host/path`.
  return parsed.href.startsWith(BASE) ? url : `https:${parsed.href.slice('wss:'.length)}`;
}

const isRelative = (url: string): boolean => !/^[a-z][a-z\d+.-]*:/.test(url);

export type AllowUrl = (url: string) => boolean;

/** Links go to web pages, mail and telephones, or within the site. */
export const allowUsualLink: AllowUrl = (url) => isRelative(url) || LINK.test(url);

/** Only `true` allows: a promise, for example, does not. An error of the rule is logged, and does not allow either. */
function isAllowed(url: string, allow: AllowUrl): boolean {
  try {
    const answer: unknown = allow(url);
    return answer === true;
  } catch (error) {
    // Servers have no `reportError`, and one broken rule must not end the page.
    // oxlint-disable-next-line no-console
    console.error(error);
    return false;
  }
}

/** The address to link to, or undefined if there is to be no link. */
export function linkTarget(url: string, allow: AllowUrl): string | undefined {
  const target = normalize(url);
  return target !== undefined && !NEVER.test(target) && isAllowed(target, allow) ? target : undefined;
}

/** The address to load an image from, or undefined if there is to be no image. */
export function imageSource(url: string, allow: AllowUrl | undefined): string | undefined {
  const source = normalize(url);
  return source !== undefined && source !== '' && allow && isAllowed(source, allow) ? source : undefined;
}
