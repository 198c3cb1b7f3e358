/** Origin and path of an address, for a message: without its query and its credentials, which may have keys. */
export function addressOf(url: string): string {
  const [address = ''] = url.split(/[?#]/);
  return address.replace(/^(\w+:\/\/)[^/]*@/, '$1');
}

/** Whether a page asks another origin, whose server has to allow it. Always false where there is no page. */
export function isCrossOrigin(url: string): boolean {
  const origin = globalThis.location?.origin;
  return origin !== undefined && URL.canParse(url) && new URL(url).origin !== origin;
}
