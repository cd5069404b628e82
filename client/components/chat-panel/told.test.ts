import { expect, it } from 'vitest';
import { PageContext } from '../../../contracts/page-context.ts';
import { contextOf } from './told.ts';

it('whatever a page tells, what goes with a message is what the server takes', () => {
  const much = Object.fromEntries(Array.from({ length: 30 }, (_, at) => [`${at} ${'n'.repeat(100)}`, 'x'.repeat(1_000)]));
  const halves = { [`${'n'.repeat(59)}😀`]: `${'x'.repeat(499)}😀`, '\ud800': '\udc00' };
  for (const told of [much, halves, { '': 'of no name', page: 'Beans' }, { page: 1, of: null, and: undefined, with: { more: true } }, ['a', 'b'], 'text']) {
    const context = contextOf(told);
    expect(PageContext.safeParse(context)).toMatchObject({ success: true, data: context });
  }
  expect(Object.values(contextOf(much)!).map(({ length }) => length)).toEqual(Array.from({ length: 20 }, () => 500));
  expect(contextOf({ '': 'of no name', page: 'Beans' })).toEqual({ page: 'Beans' });
  for (const nothing of [undefined, null, {}, 4, { '': 'of no name' }]) expect(contextOf(nothing)).toBeUndefined();
});

it('the server takes no more than that, and no half signs', () => {
  const refused = [{ '': 'x' }, { ['n'.repeat(61)]: 'x' }, { page: 'x'.repeat(501) }, { page: '\ud800' }, { '\ud800': 'x' }, Object.fromEntries(Array.from({ length: 21 }, (_, at) => [`${at}`, 'x']))];
  expect(refused.map((context) => PageContext.safeParse(context).success)).toEqual(refused.map(() => false));
});
