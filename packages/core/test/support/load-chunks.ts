import { loadTurns } from '../../src/chat/load-turns.ts';
import { loadRequestChecks } from '../../src/load-request-checks.ts';
import { loadHttp } from '../../src/run/load-http.ts';
import { loadLocal } from '../../src/run/load-local.ts';

// Fake timers do not wait for code that is loaded.
await Promise.all([loadRequestChecks(), loadHttp(), loadLocal(), loadTurns()]);
