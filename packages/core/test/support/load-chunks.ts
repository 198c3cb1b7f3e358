import { loadTurns } from '../../src/chat/load-turns.ts';
import { loadRequestChecks } from '../../src/client/load-request-checks.ts';
import { loadEventChecks } from '../../src/run/load-event-checks.ts';
import { loadHttp } from '../../src/run/load-http.ts';

// Fake timers do not wait for code that is loaded.
await Promise.all([loadRequestChecks(), loadEventChecks(), loadHttp(), loadTurns()]);
