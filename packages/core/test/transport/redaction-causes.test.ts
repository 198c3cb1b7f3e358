import { LLMClient } from '@rivulet/core';
import { openai } from '@rivulet/core/openai';
import { describe, expect, it } from 'vitest';
import { inspect } from 'node:util';
import { createContext, runInContext } from 'node:vm';
import { createRedactor } from '../../src/transport/redact.ts';
import { failureOf } from '../support/client.ts';
import { growthOf } from '../support/growth.ts';

const key = 'sk-test-0123456789abcdefghijklmnopqrstuvwxyz';
const address = `https://api.example.com/v1?key=${key}`;

class OwnRequest {
  readonly #key = key;
  get authorization(): string {
    return `Bearer ${this.#key}`;
  }
}

class RequestFailure extends Error {
  readonly #key = key;
  get sent(): { readonly key: string } {
    return { key: this.#key };
  }
}

function withField(name: PropertyKey, descriptor: PropertyDescriptor): object {
  return Object.defineProperty({}, name, descriptor);
}

function formData(): FormData {
  const form = new FormData();
  form.set('api_key', key);
  return form;
}

const bytes = new TextEncoder().encode(`Bearer ${key}`);

const causes: Readonly<Record<string, unknown>> = {
  Headers: new Headers({ authorization: `Bearer ${key}` }),
  'headers of another name': new Headers({ 'x-forwarded': key }),
  Map: new Map([['authorization', key]]),
  'a key of a Map': new Map([[key, 1]]),
  'a Map in a Map': new Map([['headers', new Map([['authorization', { value: key }]])]]),
  Set: new Set([key]),
  URL: new URL(address),
  URLSearchParams: new URLSearchParams({ key }),
  FormData: formData(),
  'Request with headers': new Request('https://api.example.com', { headers: { authorization: `Bearer ${key}` } }),
  'Request with an address': new Request(address),
  'Response with headers': new Response('', { headers: { 'x-echo': key } }),
  Uint8Array: bytes,
  Buffer: Buffer.from(bytes),
  ArrayBuffer: bytes.buffer,
  DataView: new DataView(bytes.buffer),
  'Uint16Array of characters': Uint16Array.from(key, (character) => character.codePointAt(0) ?? 0),
  'a part of a buffer': bytes.subarray(3),
  'a boxed string': new String(key),
  'a field that is not enumerable': withField('key', { value: key }),
  'a getter': withField('key', { get: () => key, enumerable: true }),
  'a getter that is not enumerable': withField('key', { get: () => key }),
  'a symbol': { [Symbol('headers')]: { authorization: key } },
  'a symbol that is not enumerable': withField(Symbol('headers'), { value: key }),
  'a getter of a class': new OwnRequest(),
  'a getter of the class of an error': new RequestFailure('failed'),
  'an inherited field': Object.create({ authorization: key }) as unknown,
  'a field of a function': Object.assign(() => undefined, { authorization: key }),
  'an object of another realm': runInContext(`({ headers: { authorization: '${key}' } })`, createContext()),
  'an error of another realm': runInContext(`new Error('Bad key ${key}')`, createContext()),
  'a Map of another realm': runInContext(`new Map([['authorization', '${key}']])`, createContext()),
  DOMException: new DOMException(`Bad key ${key}`, 'NetworkError'),
  AggregateError: new AggregateError([new Error(key)], 'both failed'),
};

/** Everything that can be read of a value, as its user would read it. */
function everythingOf(value: unknown): string {
  const parts = [inspect(value, { showHidden: true, depth: Infinity, getters: true })];
  const seen = new Set<unknown>();
  (function look(each: unknown): void {
    if (typeof each === 'string') parts.push(each);
    if (typeof each !== 'object' || each === null || seen.has(each)) return;
    seen.add(each);
    if (each instanceof Headers || each instanceof Map || each instanceof Set || each instanceof FormData) {
      each.forEach((entry, name) => (look(entry), look(name)));
    }
    if (each instanceof URL || each instanceof URLSearchParams) parts.push(String(each));
    if (each instanceof Uint8Array) parts.push(new TextDecoder().decode(each));
    for (
      let level: unknown = each;
      level !== null && level !== Object.prototype;
      level = Object.getPrototypeOf(level)
    ) {
      for (const name of Reflect.ownKeys(level as object)) {
        try {
          look(Reflect.get(each, name));
        } catch {
          // A getter of a prototype.
        }
      }
    }
  })(value);
  return parts.join('\n');
}

async function failureWith(thrown: unknown): Promise<Error> {
  const client = new LLMClient({
    provider: openai({ baseURL: 'https://api.example.com/v1', apiKey: key }),
    model: 'm',
    retry: false,
    fetch: () => Promise.reject(thrown),
  });
  return (await failureOf(client.complete('hello'))) as Error;
}

describe.each(Object.entries(causes))('a key in the cause of an error: %s', (_, cause) => {
  it('is redacted where it is the cause', async () => {
    const error = await failureWith(new TypeError('fetch failed', { cause }));

    expect(error.name).toBe('NetworkError');
    expect(everythingOf(error)).not.toContain(key);
  });

  it('is redacted where it is a field of what was thrown', async () => {
    const error = await failureWith({ config: { request: cause } });

    expect(everythingOf(error)).not.toContain(key);
  });

  it('is redacted where it was thrown itself', async () => {
    expect(everythingOf(await failureWith(cause))).not.toContain(key);
  });
});

describe('a cause', () => {
  it('has what is beside the key', async () => {
    const request = new Request(address, { method: 'PUT', headers: { 'x-trace': 'a1', authorization: key } });
    const error = await failureWith(new TypeError('fetch failed', { cause: { request, at: new Date(0) } }));

    expect(error.cause).toMatchObject({
      name: 'TypeError',
      cause: {
        request: {
          method: 'PUT',
          url: 'https://api.example.com/v1?key=[redacted]',
          headers: new Map([
            ['authorization', '[redacted]'],
            ['x-trace', 'a1'],
          ]),
        },
        at: new Date(0),
      },
    });
  });

  it.each(Object.entries({ Headers: new Headers({ a: 'b' }), Map: new Map([['a', 'b']]), class: new Date(0) }))(
    'without a key is the value that was thrown: %s',
    async (_, cause) => {
      const thrown = new TypeError('fetch failed', { cause });
      const error = await failureWith(thrown);

      expect(error.cause).toBe(thrown);
    },
  );

  it('may refer to itself', async () => {
    const map = new Map<string, unknown>([['authorization', key]]);
    map.set('self', map);
    const thrown = Object.assign(new Error('failed'), { map });
    thrown.cause = thrown;

    expect(everythingOf(await failureWith(thrown))).not.toContain(key);
  });

  it('may throw wherever it is read', async () => {
    const cause = new Proxy(new Map([['authorization', key]]), {
      ownKeys() {
        throw new Error('no');
      },
      getPrototypeOf() {
        throw new Error('no');
      },
      get() {
        throw new Error('no');
      },
    });

    expect((await failureWith(new Error('failed', { cause }))).name).toBe('NetworkError');
  });

  it('may have getters that return ever new objects', async () => {
    class Endless {
      get next(): Endless {
        return new Endless();
      }
    }
    const plain = (): object => ({
      get next() {
        return plain();
      },
    });
    for (const cause of [new Endless(), plain(), [plain(), new Endless()]]) {
      for (const thrown of [cause, new Error('failed', { cause })]) {
        const error = await failureWith(thrown);

        expect(error.name).toBe('NetworkError');
        expect(inspect(error, { depth: 700 })).toContain('[redacted]');
      }
    }
  });
});

it('a large cause is searched in linear time', async () => {
  const redactor = createRedactor([key]);
  const work = async (size: number): Promise<void> => {
    const cause = new Map(Array.from({ length: size }, (_, at) => [`name-${at}`, [`value-${at}-of-a-header`, key]]));
    redactor.thrown(new Error('failed', { cause }));
  };

  expect(await growthOf(work)).toBeLessThan(20);
});
