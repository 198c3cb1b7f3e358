import { turnsChunk } from '../../src/chat/turns-chunk.ts';
import { requestChecksChunk } from '../../src/request-checks-chunk.ts';
import { eventChecksChunk } from '../../src/run/event-checks-chunk.ts';
import { httpChunk } from '../../src/run/http-chunk.ts';

// Fake timers do not wait for code that is loaded.
await Promise.all([requestChecksChunk.load(), eventChecksChunk.load(), httpChunk.load(), turnsChunk.load()]);
