export type Json = Record<string, unknown>;

/**
 * A JSON Schema as generators of clients and loaders of schemas take it: it says the same with what all of them know.
 * `open`: of an answer, to which a later release may add members.
 */
export function forGenerators(schema: Json, open: boolean): Json {
  const inner = Object.fromEntries(
    Object.entries(schema).map(([key, value]) => [key, key === 'example' ? value : within(value, open)]),
  );
  return [
    withPlainPatterns,
    withoutSafeIntegers,
    withoutBooleanConstants,
    withNullAsType,
    withNumbersAsEnum,
    ...(open ? [withoutEnd] : []),
  ].reduce<Json>((present, change) => change(present), inner);
}

function within(value: unknown, open: boolean): unknown {
  if (Array.isArray(value)) return value.map((each) => within(each, open));
  return typeof value === 'object' && value !== null ? forGenerators(value as Json, open) : value;
}

const CONTROLS = '\\u0000-\\u001F\\u007F-\\u009F';

/** Many loaders compile patterns without the flag that `\p{…}` needs. Of surrogates nothing is said: no UTF-8 has them. */
function withPlainPatterns({ pattern, allOf, ...rest }: Json): Json {
  // generators make times of these, which a pattern is not for
  if (rest.format === 'date-time') return rest;
  const patterns = [pattern, ...((allOf as Json[] | undefined) ?? []).map((each) => each.pattern)]
    .filter((each) => typeof each === 'string')
    .map((each) =>
      each.replaceAll('\\P{Cc}', `[^${CONTROLS}]`).replaceAll('\\p{Cc}', CONTROLS).replaceAll('\\p{Cs}', ''),
    )
    .filter((each) => !/\\p\{/i.test(each));
  const [only, ...more] = patterns;
  if (only === undefined) return rest;
  return more.length === 0
    ? { ...rest, pattern: only }
    : { ...rest, allOf: patterns.map((each) => ({ pattern: each })) };
}

/** The bounds of what JavaScript counts exactly are no bounds of the API. */
function withoutSafeIntegers({ minimum, maximum, ...rest }: Json): Json {
  return {
    ...rest,
    ...(minimum !== undefined && minimum !== Number.MIN_SAFE_INTEGER && { minimum }),
    ...(maximum !== undefined && maximum !== Number.MAX_SAFE_INTEGER && { maximum }),
  };
}

/** Some generators compare `true` with `"true"`, others write code that is none. */
const withoutBooleanConstants = ({ const: only, ...rest }: Json): Json =>
  only === undefined || typeof only === 'boolean' ? rest : { ...rest, const: only };

/** `anyOf: [X, null]` as X whose type may be null. */
function withNullAsType(schema: Json): Json {
  const [only, none, ...more] = (schema.anyOf as Json[] | undefined) ?? [];
  if (typeof only?.type !== 'string' || none?.type !== 'null' || more.length > 0) return schema;
  const { anyOf: _, ...rest } = schema;
  return { ...only, ...rest, type: [only.type, 'null'] };
}

/** One of several whole numbers, which generators write as what has fractions unless it is said. */
function withNumbersAsEnum({ anyOf, ...rest }: Json): Json {
  const alternatives = (anyOf as Json[] | undefined) ?? [];
  const numbers = alternatives.map((each) => each.const);
  if (numbers.length === 0 || !numbers.every(Number.isInteger)) return anyOf === undefined ? rest : { anyOf, ...rest };
  return { ...rest, type: 'integer', enum: numbers };
}

function withoutEnd({ additionalProperties, ...rest }: Json): Json {
  return additionalProperties === undefined || additionalProperties === false
    ? rest
    : { ...rest, additionalProperties };
}
