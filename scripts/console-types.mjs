// Writes what the web console's page knows of the API, from the contracts as built: `npm run console:types`.
// With `--check` it writes nothing and fails when the files are not what it would write.
import { readFileSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import openapiTS, { astToString } from 'openapi-typescript';
import { format } from 'prettier';
import { adminPolicyEvents } from '../dist/libs/contracts/src/events/admin-policy.js';
import { identityEvents } from '../dist/libs/contracts/src/events/identity.js';
import { twoFactorEvents } from '../dist/libs/contracts/src/events/two-factor.js';
import { endpoints } from '../dist/libs/contracts/src/http/endpoints.js';
import { problems } from '../dist/libs/contracts/src/problems.js';
import { openApiDocument } from '../dist/libs/platform/src/openapi/document.js';

const header = '// Made from the contracts by `npm run console:types`.\n';
const folder = join(import.meta.dirname, '../apps/console/src/api');
/** The session and the challenge of a login stay in cookies that the page never sees. */
const kept = new Set(['accessToken', 'challenge']);

const document = openApiDocument(
  endpoints.filter(({ allow }) => !allow.every((grant) => grant.startsWith('service:'))),
);
for (const path of ['/v1/login', '/v1/login/code', '/v1/login/token', '/v1/login/sso'])
  withoutKept(document.paths[path]);

const files = {
  'schema.d.ts': header + astToString(await openapiTS(document)),
  'facts.ts': `${header}
export const eventTypes = ${list(Object.values({ ...twoFactorEvents, ...identityEvents, ...adminPolicyEvents }).map(({ type }) => type))} as const;
export type EventType = (typeof eventTypes)[number];

export const problemCodes = ${list(Object.keys(problems))} as const;
export type ProblemCode = (typeof problemCodes)[number];

/** What the settings of a portal may hold. */
export const settingFields = ${JSON.stringify(settingFields())} as const;
`,
};

const check = process.argv.includes('--check');
for (const [name, text] of Object.entries(files)) {
  const file = join(folder, name);
  const wanted = await format(text, { parser: 'typescript', singleQuote: true, printWidth: 120, trailingComma: 'all' });
  if (!check) writeFileSync(file, wanted);
  else if (readFileSync(file, 'utf8') !== wanted) {
    console.error(`${file} is not what the contracts say: npm run console:types`);
    process.exitCode = 1;
  }
}

/** Of the call that changes them: JSON Schema of a boolean, or of an integer between limits. */
function settingFields() {
  const { requestBody } = document.paths['/v1/portals/{portal}/settings/two-factor'].put;
  return Object.entries(requestBody.content['application/json'].schema.properties).map(
    ([name, { type, minimum, maximum }]) => ({ name, type, minimum, maximum }),
  );
}

function list(values) {
  return JSON.stringify(values.sort());
}

/** Removes the kept members from every object schema under a value. */
function withoutKept(value) {
  if (Array.isArray(value)) return value.forEach(withoutKept);
  if (value === null || typeof value !== 'object') return;
  if (value.properties) for (const name of kept) delete value.properties[name];
  if (Array.isArray(value.required)) value.required = value.required.filter((name) => !kept.has(name));
  Object.values(value).forEach(withoutKept);
}
