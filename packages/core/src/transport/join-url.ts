/**
 * Adds a path, which may end with a query, to an absolute address. The query of the address is kept behind the path, as
 * Azure needs its `api-version`; the fragment is removed, because it is not sent.
 */
export function joinURL(address: string, path: string): string {
  const url = new URL(address);
  const [pathname = '', query = ''] = path.split('?');
  url.hash = '';
  if (pathname) url.pathname = url.pathname.replace(/\/$/, '') + pathname;
  for (const [name, value] of new URLSearchParams(query)) {
    if (url.searchParams.has(name)) url.searchParams.set(name, value);
    // `append` would encode the rest of the query in another way.
    else url.search = [url.search, new URLSearchParams([[name, value]])].filter(String).join('&');
  }
  return url.href;
}

/** Whether the path of an address, absolute or not, ends with a version: `/v1`. */
export function endsWithVersion(address: unknown): boolean {
  // Another type is an error of the option, where the address is read.
  const [path = ''] = String(address).split(/[?#]/);
  return /\/v\d\w*\/?$/.test(path);
}
