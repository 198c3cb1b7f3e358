import { cleanup, configure } from '@testing-library/react';
import { afterEach } from 'vitest';

// Nothing takes that long, but the machine may be busy with something else.
configure({ asyncUtilTimeout: 5000 });

// Testing Library unmounts by itself only where `afterEach` is a global.
afterEach(cleanup);
