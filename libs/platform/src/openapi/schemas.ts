import { z } from 'zod';
import { alternatives } from '#libs/contracts/src/primitives.js';
import { forGenerators, type Json } from './for-generators.js';

export type Direction = 'input' | 'output';

/** The schemas of a document, under names by which generators call what they make of them. */
export class Schemas {
  readonly components: Record<string, Json> = {};

  /** The JSON Schema of a value; schemas that have an id become components. */
  of(schema: z.ZodType, io: Direction): Json {
    const { $schema: _, $defs = {}, ...own } = z.toJSONSchema(schema, { io, unrepresentable: 'any', override });
    for (const [id, definition] of Object.entries($defs)) this.#add(id, fitted(definition, io));
    return fitted(own, io);
  }

  /** The same as a component, under that name unless it has one. */
  named(name: string, schema: z.ZodType, io: Direction): Json {
    const own = this.of(schema, io);
    if (Object.keys(own).join() === '$ref') return own;
    const rule = alternatives.get(schema);
    this.#add(name, rule ? this.#union(name, own, rule) : own);
    return reference(name);
  }

  /** An object with one of some members, as a union of objects each of which has no other of them. */
  #union(name: string, own: Json, { members, needed }: { members: readonly string[]; needed: boolean }): Json {
    const { properties, required, ...rest } = own as Json & { properties: Json; required: string[] };
    const variants = members.map((member) => {
      const others = members.filter((other) => other !== member);
      const variant = `${name}With${capitalized(member)}`;
      this.#add(variant, {
        ...rest,
        properties: Object.fromEntries(Object.entries(properties).filter(([key]) => !others.includes(key))),
        required: needed ? [...required, member] : required,
      });
      return reference(variant);
    });
    return { [needed ? 'oneOf' : 'anyOf']: variants };
  }

  #add(name: string, schema: Json): void {
    const known = this.components[name];
    if (known && JSON.stringify(known) !== JSON.stringify(schema))
      throw new TypeError(`two schemas are called ${name}`);
    this.components[name] = schema;
  }
}

export const capitalized = (name: string): string => name[0]!.toUpperCase() + name.slice(1);

const COMPONENTS = '#/components/schemas/';
const reference = (name: string): Json => ({ $ref: COMPONENTS + name });

const fitted = (schema: Json, io: Direction): Json =>
  forGenerators(JSON.parse(JSON.stringify(schema).replaceAll('"#/$defs/', `"${COMPONENTS}`)) as Json, io === 'output');

/**
 * What zod knows and JSON Schema has no word for: which member tells the parts of a union apart. Where that is no text,
 * generators cannot tell them apart, and the union is one object with all that its parts may have.
 */
function override({
  zodSchema,
  jsonSchema,
}: {
  zodSchema: z.core.$ZodTypes;
  jsonSchema: z.core.JSONSchema.BaseSchema;
}) {
  const { def } = zodSchema._zod;
  if (def.type !== 'union' || !('discriminator' in def)) return;
  const propertyName = def.discriminator as string;
  const parts = jsonSchema.oneOf!;
  const values = def.options.map((option) => [...(option._zod.propValues?.[propertyName] ?? [])]);
  if (values.flat().every((value) => typeof value === 'string')) {
    const mapping = values.flatMap((each, index) => each.map((value) => [value, parts[index]!.$ref] as const));
    Object.assign(jsonSchema, { discriminator: { propertyName, mapping: Object.fromEntries(mapping) as Json } });
  } else {
    delete jsonSchema.oneOf;
    Object.assign(jsonSchema, {
      type: 'object',
      properties: Object.assign({}, ...parts.map(({ properties }) => properties)) as Json,
      required: parts[0]!.required!.filter((name) => parts.every(({ required }) => required!.includes(name))),
    });
  }
}
