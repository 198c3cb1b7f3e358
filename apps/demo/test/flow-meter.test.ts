import { expect, it } from 'vitest';
import { FlowMeter } from '../src/pages/completion/flow-meter.ts';

it('measures the first text, the time and the arrivals', () => {
  const meter = new FlowMeter(1000);
  expect(meter.read(1100)).toMatchObject({ firstTokenMs: null, elapsedMs: 100, samples: [] });
  meter.receive(10, 1310);
  meter.receive(30, 1390);
  meter.receive(35, 1410);
  meter.end(1600);
  expect(meter.read(9999)).toEqual({ firstTokenMs: 310, elapsedMs: 600, samples: [0, 30, 5], sampleMs: 200 });
});

it('keeps its memory bounded and forgets no character', () => {
  const meter = new FlowMeter(0);
  const minutes = 90;
  for (let ms = 500; ms < minutes * 60_000; ms += 500) meter.receive(ms, ms);
  const { samples, sampleMs, elapsedMs } = meter.read(minutes * 60_000);
  expect(samples.length).toBeLessThanOrEqual(240);
  expect(samples.length * sampleMs).toBeGreaterThan(elapsedMs - sampleMs);
  // The stretch that is not over is not among them.
  expect(samples.reduce((sum, count) => sum + count, 0)).toBeGreaterThan(minutes * 60_000 - 500 - sampleMs);
});
