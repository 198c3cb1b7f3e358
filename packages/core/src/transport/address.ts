/** Origin and path of an address, for a message: without its query and its credentials, which may have keys. */
export function addressOf(url: string): string {
  const [address = ''] = url.split(/[?#]/);
  return address.replace(/^(\w+:\/\/)[^/]*@/, '$1');
}

/** Whether a page asks another origin, whose server has to allow it. Always false where there is no page. */
export function isCrossOrigin(url: string): boolean {
  const origin = globalThis.location?.origin;
  return origin !== undefined && parseAddress(url)?.origin !== origin;
}

/** `undefined` for text that is not an address. `URL.canParse` is newer than Safari 16.4. */
export function parseAddress(url: string, base?: string): URL | undefined {
  try {
    return new URL(url, base);
  } catch {
    return undefined;
  }
}

/** Whether an address is of the same machine. */
export function isLoopback({ hostname }: URL): boolean {
  return /^((.*\.)?localhost|127(\.\d+){3}|\[::1\])$/.test(hostname);
}
