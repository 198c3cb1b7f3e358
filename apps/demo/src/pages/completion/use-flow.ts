import { useEffect, useState } from 'react';
import { FlowMeter, type Flow } from './flow-meter.ts';

const REFRESH_MS = 200;

/** How the text arrives, refreshed a few times a second while `isActive`. */
export function useFlow(startMs: number, isActive: boolean, received: number): Flow {
  const [meter] = useState(() => new FlowMeter(startMs));
  const [flow, setFlow] = useState(() => meter.read(startMs));

  useEffect(() => {
    meter.receive(received, performance.now());
  }, [meter, received]);

  useEffect(() => {
    if (!isActive) return undefined;
    const timer = setInterval(() => setFlow(meter.read(performance.now())), REFRESH_MS);
    return () => {
      clearInterval(timer);
      setFlow(meter.read(performance.now()));
    };
  }, [meter, isActive]);

  return flow;
}
