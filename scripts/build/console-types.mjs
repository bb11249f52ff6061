// What the console's page knows of the API, made from the sources of the contracts: `npm run console:types`.
import { renameSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { pathToFileURL } from 'node:url';
import { filesUnder, whenChanged } from './when-changed.mjs';

/** The session and the challenge of a login stay in cookies that the page never sees. */
const kept = new Set(['accessToken', 'challenge', 'ssoLogin']);

/**
 * `schema.d.ts` and `facts.ts` in `apps/console/src/api`. Nothing has to be compiled before.
 * @param {string} root of the checkout
 */
export async function makeConsoleTypes(root) {
  const folder = join(root, 'apps/console/src/api');
  const names = ['schema.d.ts', 'facts.ts'];
  const files = {
    record: join(root, 'dist/.console-types-inputs'),
    inputs: [
      ...['libs/contracts/src', 'libs/platform/src/openapi'].flatMap((part) => filesUnder(join(root, part))),
      join(import.meta.dirname, 'contracts.mjs'),
      import.meta.filename,
      join(root, 'package-lock.json'),
    ].filter((file) => !file.endsWith('.spec.ts')),
    outputs: names.map((name) => join(folder, name)),
  };
  await whenChanged(files, async () => {
    const contracts = await contractsOf(root);
    const document = documentOf(contracts);
    const texts = [await schemaOf(document), factsOf(contracts, document)];
    for (const [index, text] of texts.entries()) replace(files.outputs[index], text);
  });
}

/** The contracts as the sources have them, in one module beside the rest of what is built. */
export async function contractsOf(root) {
  const { rolldown } = await import('rolldown');
  const bundle = await rolldown({
    cwd: root,
    platform: 'node',
    input: join(import.meta.dirname, 'contracts.mjs'),
    external: /^[^.#/]/,
    resolve: { alias: { '#libs': join(root, 'libs') }, extensionAlias: { '.js': ['.ts', '.js'] } },
  });
  const file = join(root, `dist/.contracts-${process.pid}.mjs`);
  try {
    await bundle.write({ file, format: 'esm' });
    return await import(pathToFileURL(file).href);
  } finally {
    await bundle.close();
    rmSync(file, { force: true });
  }
}

/** The calls that the page may make. */
function documentOf({ endpoints, openApiDocument }) {
  const document = openApiDocument(
    endpoints.filter(({ allow }) => !allow.every((grant) => grant.startsWith('service:'))),
  );
  for (const [path, calls] of Object.entries(document.paths))
    if (path.startsWith('/v1/login')) withoutKept(calls, document);
  return document;
}

async function schemaOf(document) {
  const { default: openapiTS, astToString } = await import('openapi-typescript');
  return astToString(await openapiTS(document));
}

function factsOf({ eventContracts, problems }, document) {
  const sorted = (values) => JSON.stringify(values.sort(), null, 2);
  return `export const eventTypes = ${sorted(
    Object.values(eventContracts)
      .flat()
      .map(({ type }) => type),
  )} as const;
export type EventType = (typeof eventTypes)[number];

export const problemCodes = ${sorted(Object.keys(problems))} as const;
export type ProblemCode = (typeof problemCodes)[number];

/** What a portal may have the pages speak. */
export const portalLanguages = ${sorted(document.components.schemas.Language.enum)} as const;

/** What the settings of a portal may hold. */
export const settingFields = ${JSON.stringify(settingFields(document))} as const;
`;
}

/** Of the call that changes them: JSON Schema of a boolean, or of an integer between limits. */
function settingFields(document) {
  const { requestBody } = document.paths['/v1/portals/{portal}/settings/two-factor'].put;
  return Object.entries(referredTo(requestBody.content['application/json'].schema, document).properties).map(
    ([name, { type, minimum, maximum }]) => ({ name, type, minimum, maximum }),
  );
}

const referredTo = ({ $ref }, document) => document.components.schemas[$ref.slice('#/components/schemas/'.length)];

/** Removes the kept members from every object schema under a value, and from those that it refers to. */
function withoutKept(value, document) {
  if (Array.isArray(value)) return value.forEach((each) => withoutKept(each, document));
  if (value === null || typeof value !== 'object') return;
  if (value.$ref) return withoutKept(referredTo(value, document), document);
  if (value.properties) for (const name of kept) delete value.properties[name];
  if (Array.isArray(value.required)) value.required = value.required.filter((name) => !kept.has(name));
  Object.values(value).forEach((each) => withoutKept(each, document));
}

/** At once, since another process may be reading it. */
export function replace(file, text) {
  const next = `${file}.${process.pid}`;
  writeFileSync(next, `// Made from the contracts by the build; not committed.\n\n${text}`);
  renameSync(next, file);
}

if (process.argv[1] === import.meta.filename) await makeConsoleTypes(join(import.meta.dirname, '../..'));
