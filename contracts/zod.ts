import * as z from 'zod';

/** The one place that configures zod. Under a strict CSP zod must not compile checks with `new Function`; a server keeps that fast path. */
z.config({ jitless: 'document' in globalThis });

export { z };
