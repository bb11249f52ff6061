import { join } from 'node:path';
import { makeClientCalls } from '../../scripts/build/client-calls.mjs';
import { makeConsoleTypes } from '../../scripts/build/console-types.mjs';

const root = join(import.meta.dirname, '../..');

/** The specs of the page and of the client import what is made from the contracts. */
export default async () => {
  await makeConsoleTypes(root);
  await makeClientCalls(root);
};
