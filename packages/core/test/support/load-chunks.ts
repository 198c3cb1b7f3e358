import { turnsChunk } from '../../src/chat/turns-chunk.ts';
import { requestChunk } from '../../src/client/request-chunk.ts';
import { localChunk } from '../../src/run/local-chunk.ts';
import { httpChunk } from '../../src/run/http-chunk.ts';

// Fake timers do not wait for code that is loaded.
await Promise.all([requestChunk.load(), localChunk.load(), httpChunk.load(), turnsChunk.load()]);
