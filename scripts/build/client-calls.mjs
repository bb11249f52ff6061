// What the client knows of each call without a schema, made from the contracts: `libs/client/src/http/table.ts`.
import { join } from 'node:path';
import { contractsOf, replace } from './console-types.mjs';
import { filesUnder, whenChanged } from './when-changed.mjs';

/** By app: where the contract stands. */
const files = { identity: 'identity', 'two-factor': 'twoFactor', 'admin-policy': 'adminPolicy', audit: 'audit' };

/** @param {string} root of the checkout */
export async function makeClientCalls(root) {
  const table = join(root, 'libs/client/src/http/table.ts');
  const sources = {
    record: join(root, 'dist/.client-calls-inputs'),
    inputs: [
      ...['libs/contracts/src', 'libs/platform/src/openapi'].flatMap((part) => filesUnder(join(root, part))),
      join(import.meta.dirname, 'contracts.mjs'),
      import.meta.filename,
      join(root, 'package-lock.json'),
    ].filter((file) => !file.endsWith('.spec.ts')),
    outputs: [table],
  };
  await whenChanged(sources, async () => replace(table, tableOf(await contractsOf(root))));
}

function tableOf(contracts) {
  const calls = Object.values(files).flatMap((group) =>
    Object.entries(contracts[`${group}Endpoints`]).map(([key, endpoint]) => ({ group, key, endpoint })),
  );
  const entries = calls.map(({ endpoint }) => [endpoint.operationId, callOf(endpoint, contracts)]);
  return `${Object.entries(files)
    .map(([file, group]) => `import type { ${group}Endpoints } from '#libs/contracts/src/http/${file}.js';`)
    .join('\n')}

export const table = ${JSON.stringify(Object.fromEntries(entries), null, 2)} as const;

/** The contract of each call. */
export interface Contracts {
${calls.map(({ group, key, endpoint }) => `  ${endpoint.operationId}: (typeof ${group}Endpoints)['${key}'];`).join('\n')}
}
`;
}

function callOf(endpoint, { codesOf }) {
  const { operationId, method, path, idempotent } = endpoint;
  const members = (schema) => Object.keys(schema.shape ?? {});
  const [query, headers] = [members(endpoint.query), members(endpoint.headers)];
  const names = [...members(endpoint.params), ...query, ...headers, ...members(endpoint.body)];
  if (new Set(names).size !== names.length) throw new Error(`${operationId}: two of its members have one name`);
  return { method, path, query, headers, idempotent, answer: answerOf(endpoint), codes: codesOf(endpoint).sort() };
}

/** How it is read. */
function answerOf({ lines, produces = [], status }) {
  if (lines) return 'lines';
  if (produces.includes('text/event-stream')) return 'events';
  if (produces.length > 0) return 'export';
  return status === 204 ? 'nothing' : 'value';
}

if (process.argv[1] === import.meta.filename) await makeClientCalls(join(import.meta.dirname, '../..'));
