import type { FilePart } from '../../types/message.ts';

/** What a file part holds, in the form that wires need. */
export type FileContent =
  | { readonly kind: 'text'; readonly text: string }
  | { readonly kind: 'base64'; readonly mediaType: string; readonly data: string }
  | { readonly kind: 'url'; readonly mediaType: string; readonly url: string };

/** Media types of text beside `text/*`; an SVG is source text, which no model accepts as an image. */
const TEXT_TYPE =
  /^(text\/.*|image\/svg\+xml|message\/rfc822|application\/(.*\+)?(json|xml|yaml)|application\/(x-)?(csv|ecmascript|graphql|httpd-php|javascript|jsonl|latex|ndjson|perl|php|python|ruby|sh|shellscript|sql|subrip|tex|toml|typescript|yaml))$/;

/**
 * Endings of text files. Browsers give many of them no type, and some a wrong one: `.ts` is `video/mp2t`, `.csv` is
 * `application/vnd.ms-excel` on Windows.
 */
const TEXT_ENDING =
  /\.(adoc|asm|astro|bash|bat|bib|c|cc|cfg|clj|cmake|cmd|conf|cpp|cs|css|csv|cts|cxx|dart|diff|dockerfile|ejs|elm|eml|env|erl|ex|exs|fs|gitignore|go|gql|gradle|graphql|groovy|h|hbs|hcl|hpp|hs|htm|html|http|ics|ini|ipynb|java|jl|js|json|json5|jsonc|jsonl|jsx|kt|kts|less|lisp|log|lua|m|m3u|m3u8|make|markdown|md|mdx|mjs|ml|mm|mod|mts|ndjson|nim|nix|org|pas|patch|php|pl|plist|po|properties|proto|ps1|pug|py|r|rb|rs|rst|sass|scala|scss|sh|sol|sql|srt|svelte|svg|swift|tcl|tex|tf|toml|ts|tsv|tsx|txt|vb|vim|vtt|vue|xhtml|xml|xsl|yaml|yml|zig|zsh)$/i;

/** Types whose files are binary whatever their bytes look like. */
const BINARY_TYPE =
  /^(image|audio|video|font)\/|^application\/(pdf|zip|gzip|wasm|msword|java-archive|epub\+zip|vnd\.(rar|ms-powerpoint|openxmlformats-|oasis\.opendocument)|x-(7z-compressed|bzip2?|gzip|rar|tar|xz|zip|msdownload))/;

/** Characters that text files do not have. */
// oxlint-disable-next-line no-control-regex
const CONTROL = /[\0-\b\x0e-\x1a\x1c-\x1f]/;

/** The content of a file, or `undefined` if the part has neither `data` nor `url`. */
export function contentOf(part: FilePart): FileContent | undefined {
  const { url, filename = '' } = part;
  const inline = inlineOf(part);
  if (!inline) return url ? { kind: 'url', mediaType: part.mediaType, url } : undefined;
  const { data } = inline;
  const mediaType = (part.mediaType || inline.mediaType).toLowerCase();
  const bytes = bytesOf(data);
  const text = bytes && textIn(bytes, mediaType, filename);
  return text === undefined
    ? { kind: 'base64', mediaType: mediaType || 'application/octet-stream', data }
    : { kind: 'text', text };
}

/** Whether the media type, without its parameters, names a text format. */
export function isTextType(mediaType: string): boolean {
  return TEXT_TYPE.test(essenceOf(mediaType));
}

/** A text file as part of a prompt, with its name, for wires that have no text files. */
export function toPromptText(text: string, filename: string | undefined): string {
  const name = filename === undefined ? '' : ` name="${filename.replace(/["\r\n]/g, "'")}"`;
  return `<file${name}>\n${text.endsWith('\n') ? text : `${text}\n`}</file>\n\n`;
}

function essenceOf(mediaType: string): string {
  return mediaType.replace(/;[^]*/, '').trim().toLowerCase();
}

/** The base64 data that the part brings along, as `data` or in a `data:` URL. https://datatracker.ietf.org/doc/html/rfc2397 */
function inlineOf({ data, url }: FilePart): { readonly data: string; readonly mediaType: string } | undefined {
  if (data !== undefined) return { data, mediaType: '' };
  if (!url?.startsWith('data:')) return undefined;
  const comma = url.indexOf(',');
  const head = url.slice('data:'.length, comma);
  const rest = url.slice(comma + 1);
  const isBase64 = /;\s*base64\s*$/i.test(head);
  return { data: isBase64 ? rest : toBase64(unescapeBytes(rest)), mediaType: essenceOf(head) };
}

/** The bytes that a percent-encoded string stands for; other characters are UTF-8. */
function unescapeBytes(text: string): Uint8Array {
  // Half of a surrogate pair has no UTF-8.
  const binary = encodeURI(text.replace(/[\ud800-\udfff]/gu, '\ufffd')).replace(
    /%25([\da-f]{2})|%([\da-f]{2})/gi,
    (_, escaped?: string, encoded = '') => String.fromCharCode(parseInt(escaped ?? encoded, 16)),
  );
  return Uint8Array.from(binary, (char) => char.charCodeAt(0));
}

/** Encodes bytes as base64. */
export function toBase64(bytes: Uint8Array): string {
  let binary = '';
  // More arguments than this do not fit into one call.
  for (let start = 0; start < bytes.length; start += 8192) {
    binary += String.fromCharCode(...bytes.subarray(start, start + 8192));
  }
  return btoa(binary);
}

/** `undefined` for data that is not base64: the server judges it. */
function bytesOf(base64: string): Uint8Array | undefined {
  try {
    return Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));
  } catch {
    return undefined;
  }
}

/** The text of a file, by type, ending or bytes; `undefined` for a binary file. */
function textIn(bytes: Uint8Array, mediaType: string, filename: string): string | undefined {
  if (TEXT_TYPE.test(essenceOf(mediaType))) return decode(bytes);
  const isNamedText = TEXT_ENDING.test(filename) && !/^image\/|pdf$/.test(mediaType);
  if (!isNamedText && BINARY_TYPE.test(mediaType)) return undefined;
  const text = isNamedText ? decode(bytes) : decodeStrictly(bytes);
  return text === undefined || CONTROL.test(text) || text.startsWith('%PDF-') ? undefined : text;
}

/** Text in the encoding that its byte order mark names, in UTF-8, or else in the oldest that Windows writes. */
function decode(bytes: Uint8Array): string {
  return decodeStrictly(bytes) ?? new TextDecoder('windows-1252').decode(bytes);
}

function decodeStrictly(bytes: Uint8Array): string | undefined {
  const [first, second] = bytes;
  const encoding =
    first === 0xff && second === 0xfe ? 'utf-16le' : first === 0xfe && second === 0xff ? 'utf-16be' : 'utf-8';
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return undefined;
  }
}
