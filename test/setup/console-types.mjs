import { join } from 'node:path';
import { makeConsoleTypes } from '../../scripts/build/console-types.mjs';

/** The page's specs import what is made from the contracts. */
export default () => makeConsoleTypes(join(import.meta.dirname, '../..'));
