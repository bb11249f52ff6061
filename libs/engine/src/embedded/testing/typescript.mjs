// Lets a process of its own run this checkout's TypeScript: `node --import ./typescript.mjs child.ts`.
import { readFile } from 'node:fs/promises';
import { register } from 'node:module';
import { fileURLToPath } from 'node:url';
import { transform } from '@swc/core';

const root = new URL('../../../../../', import.meta.url);
const options = { jsc: { target: 'es2022', parser: { syntax: 'typescript' } }, module: { type: 'es6' } };

export function resolve(specifier, context, next) {
  const own = specifier.startsWith('#libs/') ? new URL(specifier.slice(1), root).href : specifier;
  const fromSource = own !== specifier || (own.startsWith('.') && context.parentURL?.endsWith('.ts'));
  return next(fromSource ? own.replace(/\.js$/, '.ts') : own, context);
}

export async function load(url, context, next) {
  if (!url.endsWith('.ts')) return next(url, context);
  const { code } = await transform(await readFile(fileURLToPath(url), 'utf8'), options);
  return { format: 'module', source: code, shortCircuit: true };
}

// The hooks run in a thread that imports this file again.
if (process.argv[1] !== undefined && !new URL(import.meta.url).searchParams.has('hooks')) {
  register(`${import.meta.url}?hooks`);
}
