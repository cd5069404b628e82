import { expect, it } from 'vitest';
import { fields, host } from './host.ts';

it('every rule of the shared sheets is understood by the browser', () => {
  for (const sheet of [...host, fields]) expect(sheet.styleSheet!.cssRules.length).toBeGreaterThan(10);
});
