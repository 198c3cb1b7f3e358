const FIRST_SAMPLE_MS = 200;
const MAX_SAMPLES = 240;

/** The usual rule of thumb for English; only for what is shown before the provider counted. */
export const CHARACTERS_PER_TOKEN = 4;

export interface Flow {
  /** From sending to the first text, in ms. */
  firstTokenMs: number | null;
  /** From sending until now, or to the end, in ms. */
  elapsedMs: number;
  /** Characters that came in each stretch of `sampleMs`. */
  samples: readonly number[];
  sampleMs: number;
}

/** Measures how text arrives, in bounded memory: as time goes on, the samples get coarser. */
export class FlowMeter {
  #startMs: number;
  #firstMs: number | null = null;
  #endMs: number | null = null;
  #received = 0;
  #samples: number[] = [];
  #sampleMs = FIRST_SAMPLE_MS;

  /** `nowMs` is of the sending; all times are of the same clock, in ms. */
  constructor(nowMs: number) {
    this.#startMs = nowMs;
  }

  /** `received` counts all characters so far. */
  receive(received: number, nowMs: number): void {
    if (received <= this.#received) return;
    this.#firstMs ??= nowMs;
    const index = Math.floor((nowMs - this.#startMs) / this.#sampleMs);
    if (index >= MAX_SAMPLES) {
      this.#coarsen();
      this.receive(received, nowMs);
      return;
    }
    this.#pad(index + 1);
    this.#samples[index] = (this.#samples[index] ?? 0) + received - this.#received;
    this.#received = received;
  }

  end(nowMs: number): void {
    this.#endMs ??= nowMs;
  }

  read(nowMs: number): Flow {
    const elapsedMs = (this.#endMs ?? nowMs) - this.#startMs;
    while (elapsedMs >= MAX_SAMPLES * this.#sampleMs) this.#coarsen();
    // A stretch that is not over would look like a drop.
    this.#pad(Math.floor(elapsedMs / this.#sampleMs));
    return {
      firstTokenMs: this.#firstMs === null ? null : this.#firstMs - this.#startMs,
      elapsedMs,
      samples: this.#samples.slice(0, Math.floor(elapsedMs / this.#sampleMs)),
      sampleMs: this.#sampleMs,
    };
  }

  #pad(length: number): void {
    while (this.#samples.length < length) this.#samples.push(0);
  }

  #coarsen(): void {
    this.#sampleMs *= 2;
    this.#samples = Array.from(
      { length: Math.ceil(this.#samples.length / 2) },
      (_, index) => (this.#samples[2 * index] ?? 0) + (this.#samples[2 * index + 1] ?? 0),
    );
  }
}
