import { z } from 'zod';
import { pageQuery } from './primitives.js';

const query = z.strictObject(pageQuery);

describe('the limit of a page', () => {
  it.each([
    ['1', 1],
    ['200', 200],
    ['050', 50],
    [undefined, 50],
  ])('%s is %d', (limit, meant) => expect(query.parse({ limit }).limit).toBe(meant));

  it.each(['0', '201', '-1', '1.5', '1e2', '0x10', '0b1', ' 5', '+5', '', 'ten', '٥', '99999999999', ['5', '6']])(
    '%j is none',
    (limit) => expect(query.safeParse({ limit }).success).toBe(false),
  );
});
