const C = [0x239b961b, 0xab0e9789, 0x38b34ae5, 0xa1e38b93] as const;
const TURN = [15, 16, 17, 18] as const;
const MIX = [19, 17, 15, 13] as const;
const ADD = [0x561ccd1b, 0x0bcaa747, 0x96cd1c35, 0x32ac3b17] as const;
const LANES = [0, 1, 2, 3] as const;

/**
 * 128 bits of a text, as 32 hexadecimal digits: MurmurHash3 (x86, 128 bits, seed 0) of its UTF-8. Texts that differ by
 * chance do not meet; texts made to meet can, so it is no protection. `crypto.subtle` is absent on plain-http pages.
 * @see https://github.com/aappleby/smhasher/blob/master/src/MurmurHash3.cpp
 */
export function hash(text: string): string {
  const bytes = new TextEncoder().encode(text);
  const padded = new DataView(new ArrayBuffer((bytes.length + 15) & ~15));
  new Uint8Array(padded.buffer).set(bytes);
  const h: [number, number, number, number] = [0, 0, 0, 0];

  for (let at = 0; at < padded.byteLength; at += 16) {
    const isWhole = at + 16 <= bytes.length;
    for (const lane of LANES) {
      const k = padded.getUint32(at + lane * 4, true);
      const next = (lane + 1) & 3;
      h[lane] ^= Math.imul(turn(Math.imul(k, C[lane]), TURN[lane]), C[next as 0]);
      if (!isWhole) continue;
      h[lane] = Math.imul(turn(h[lane], MIX[lane]) + h[next as 0], 5) + ADD[lane];
    }
  }
  for (const lane of LANES) h[lane] ^= bytes.length;
  spread(h);
  for (const lane of LANES) h[lane] = finish(h[lane]);
  spread(h);
  return h.map((word) => (word >>> 0).toString(16).padStart(8, '0')).join('');
}

function turn(word: number, bits: number): number {
  return (word << bits) | (word >>> (32 - bits));
}

function spread(h: [number, number, number, number]): void {
  h[0] = (h[0] + h[1] + h[2] + h[3]) | 0;
  for (const lane of [1, 2, 3] as const) h[lane] = (h[lane] + h[0]) | 0;
}

function finish(word: number): number {
  let mixed = Math.imul(word ^ (word >>> 16), 0x85ebca6b);
  mixed = Math.imul(mixed ^ (mixed >>> 13), 0xc2b2ae35);
  return mixed ^ (mixed >>> 16);
}
