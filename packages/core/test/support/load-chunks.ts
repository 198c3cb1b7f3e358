import { loadHttp } from '../../src/run/load-http.ts';
import { loadLocal } from '../../src/run/load-local.ts';

// Fake timers do not wait for code that is loaded.
await Promise.all([loadHttp(), loadLocal()]);
