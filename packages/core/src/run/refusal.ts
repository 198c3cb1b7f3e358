/** What a response with status 400 or 422 reports about the request. */
export interface Refusal {
  /** The paths of the fields that it names apart from its message: `reasoning.effort`, `tools.0.custom.strict`. */
  readonly fields: readonly string[];
  /** All of its messages, in full. */
  readonly text: string;
  /** Whether the server rejects the field itself, rather than its value. */
  readonly isUnknownField: boolean;
  /** Whether the message names that field, so that other fields in it are not meant. */
  readonly namesUnknownField: boolean;
}

const UNKNOWN_FIELD =
  /unknown (name|field|param|arg|key)|unrecognized|unexpected (keyword|param|arg|field|property)|extra_forbidden|(inputs|fields) (are )?not (permitted|allowed)|unsupported[_ ]param|cannot find field|additional propert|(argument|parameter|field)\w{0,20} (is )?not (supported|allowed|permitted)|not support (the )?(['"`]?\w{1,60}['"`]? )?(arg|param|field|option)/i;

/** `Unknown parameter: 'store'.`, `Unknown name "thinkingLevel" at …`, `Unrecognized request argument supplied: store` */
const UNKNOWN_NAME =
  /(?:unknown|unrecognized|unsupported|unexpected)(?: request| keyword)? (?:name|param\w*|arg\w*|field|key|property)(?:\(s\)| supplied)?(?:: *['"`]?| ['"`])([\w.[\]]+)/gi;

/** What a server echoes of the request, in errors that were written by Python. */
const ECHO = /['"]input['"]:.*|input_value=.*/g;

/** The path that an error of Anthropic begins with: `thinking.type.enabled: Input should be …`. */
const LEADING_PATH = /^["'`]?([a-z_]\w*(?:\.\w+|\[\w+\])*)["'`]?\s*:/i;

const MAX_DEPTH = 8;

/**
 * Reads the body of an error: OpenAI's `param`, the `loc` of FastAPI, Google's `fieldViolations`, a gateway that puts the
 * body of another server into a string, or plain text.
 */
export function readRefusal(body: string): Refusal {
  const fields: string[] = [];
  const texts: string[] = [];
  const kinds: string[] = [];

  function readText(text: string, depth: number): void {
    if (/^\s*[[{]/.test(text)) {
      try {
        read(JSON.parse(text), '', depth);
        return;
      } catch {
        // A message that only looks like JSON.
      }
    }
    const plain = text.replace(ECHO, '');
    texts.push(plain);
    const path = LEADING_PATH.exec(plain)?.[1];
    if (path) fields.push(path);
  }

  function read(value: unknown, key: string, depth: number): void {
    if (depth > MAX_DEPTH || value === null) return;
    if (typeof value === 'string') {
      if (/^(param|parameter|field)$/.test(key)) fields.push(value);
      else if (/^(type|code|status)$/.test(key)) kinds.push(value);
      else readText(value, depth + 1);
    } else if (key === 'loc' && Array.isArray(value)) {
      fields.push(value.filter((step) => step !== 'body').join('.'));
    } else if (typeof value === 'object') {
      for (const [name, inner] of Object.entries(value)) {
        // The echo of the request, or of a part of it.
        if (name !== 'input' && name !== 'ctx') read(inner, name, depth + 1);
      }
    }
  }

  readText(body, 0);
  const text = texts.join('\n');
  const unknown = [...text.matchAll(UNKNOWN_NAME)].map(([, name = '']) => name.replace(/\.$/, ''));
  return {
    fields: [...fields, ...unknown],
    text,
    isUnknownField: UNKNOWN_FIELD.test(`${kinds.join(' ')} ${text}`),
    namesUnknownField: unknown.length > 0,
  };
}

/** What stands before a list of accepted values. */
const LIST =
  /\b(?:supported|allowed|valid|accepted|available|possible|permitted)\b[^.'"`]{0,40}?(?:\bare\b|\bis\b|\bincludes?\b|:)|\b(?:must|should|can only) be\b|\b(?:supports|accepts|expected|one of|choose|pick|use)\b/gi;

/** A list that stands before the words for it: `Only 'medium' and 'high' are supported`. */
const LIST_BEFORE =
  /\bonly\b([^.:;\n]{1,120}?)\b(?:is|are) (?:supported|allowed|valid|accepted|available|possible|permitted)\b/gi;

/** As much of a list as is read, in characters. */
const LIST_LENGTH = 300;

/** Those of `keys` that a refusal lists as accepted: `Supported values are: 'low', 'medium', and 'high'`. */
export function acceptedIn({ text }: Refusal, keys: readonly string[]): string[] {
  const starts = [...text.matchAll(LIST)].map(({ index, 0: marker }) =>
    text.slice(index + marker.length, index + LIST_LENGTH),
  );
  const lists = [...starts, ...[...text.matchAll(LIST_BEFORE)].map(([, list = '']) => list)];
  return keys.filter((key) => lists.some((list) => new RegExp(`\\b${key}\\b`, 'i').test(list)));
}

/** Whether a refusal quotes this value: `Unsupported value: 'minimal' is not supported with the 'gpt-6' model.` */
export function quotesValue({ text }: Refusal, value: string): boolean {
  return new RegExp(`['"\`]${value}['"\`]`, 'i').test(text);
}

/** An input, the bound that was sent, and the context window that both have to fit in: `188240 + 32000 > 200000`. */
const SUM = /(\d{1,15}) \+ (\d{1,15}) > (\d{1,15})/;

/** The least room for an answer that is worth a request. */
const LEAST_LIMIT = 1024;

/** The number behind the words for an upper bound. */
const BOUND =
  /(<=?|≤|>|at most|up to|(?:less|lower|fewer|smaller|greater|larger|higher|more) than(?: or equal to)?|above|over|within|exceeds?|maximum|limit|capped|allows|supports|(?:from|between) \d{1,15}(?: \(\w{1,20}\))? (?:to|and)|[[(]\d{1,15}[,;])[^.\d\n]{0,60}?(?<![\w.-])(\d[\d,_]{0,20})(?![\w,]| ?input)( \(exclusive\))?/gi;

/** The upper end of a range, and a number in front of the words for a bound. */
const OTHER_BOUNDS = [
  /(?<![\w.-])\d{1,15} ?(?:-|–|~|\.{2,3}) ?(\d[\d,_]{0,20})(?![\w,-])/g,
  /(?<![\w.-])(\d[\d,_]{0,20}) (?:\w{1,30} ){0,2}?(?:at most|or (?:less|lower|fewer)|(?:is|are) the (?:limit|maximum))/gi,
];

/** An upper bound that a refusal names, below the one that was sent; and whether it holds for this request alone. */
export interface NamedLimit {
  readonly limit: number | undefined;
  readonly isForRequest: boolean;
}

export function limitIn({ text }: Refusal, sent: number): NamedLimit {
  const sum = SUM.exec(text);
  if (sum) {
    const rest = Number(sum[3]) - Number(sum[1]);
    return { limit: rest >= LEAST_LIMIT && rest < sent ? rest : undefined, isForRequest: true };
  }
  if (/context (length|limit)|input (length|tokens)|prompt tokens/i.test(text))
    return { limit: undefined, isForRequest: true };
  const behind = [...text.matchAll(BOUND)].map(([, word = '', digits = '', exclusive]) => {
    const number = numberOf(digits);
    return /^(<|(?:less|lower|fewer|smaller) than)$/i.test(word) || exclusive ? number - 1 : number;
  });
  const others = OTHER_BOUNDS.flatMap((bound) => [...text.matchAll(bound)].map(([, digits = '']) => numberOf(digits)));
  const limits = [...behind, ...others];
  const lower = limits.filter((limit) => limit > 0 && limit < sent);
  return { limit: lower.length > 0 ? Math.max(...lower) : undefined, isForRequest: false };
}

function numberOf(digits: string): number {
  return Number(digits.replaceAll(/[,_]/g, ''));
}
