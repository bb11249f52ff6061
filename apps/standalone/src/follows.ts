import type { SourceApp } from '#libs/contracts/src/events/event.js';
import { sourceApps } from '#libs/contracts/src/events/events.js';
import type { AppName } from '#libs/contracts/src/http/endpoint.js';
import { definitions } from './standalone.js';

/** Nest keeps there what `@EventPattern` and `@MessagePattern` say. */
const PATTERNS = 'microservices:pattern';

/** Whose events the controllers of an app handle, as their decorators say. */
export function follows(app: AppName): readonly SourceApp[] {
  const module = definitions.find(({ name }) => name === app)?.module;
  const controllers =
    (module && (Reflect.getMetadata('controllers', module) as (new () => object)[] | undefined)) ?? [];
  const patterns = controllers.flatMap((controller) => patternsOf(controller.prototype as object));
  return sourceApps.filter((source) => source !== app && patterns.some((pattern) => pattern.startsWith(`${source}.`)));
}

function patternsOf(prototype: object): string[] {
  const methods = Object.values(Object.getOwnPropertyDescriptors(prototype)).map(({ value }) => value as unknown);
  return methods
    .filter((method) => typeof method === 'function')
    .flatMap((method) => (Reflect.getMetadata(PATTERNS, method) as unknown[] | undefined) ?? [])
    .filter((pattern) => typeof pattern === 'string');
}
