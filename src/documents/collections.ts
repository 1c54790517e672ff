import * as z from 'zod';

/**
 * Schemas of arrays, and of objects with any keys, that stop at the first member that does not fit. Zod's own go on and keep an issue for each: for a document of
 * four megabytes that takes many seconds, and more than a gigabyte. They give the value itself, so the schemas of members must not change these.
 */
export function listOf<Value>(element: z.ZodType<Value>): z.ZodType<Value[]> {
  return z.custom<Value[]>((value) => Array.isArray(value) && value.every((one) => fits(element, one)));
}

/** An object with any keys. */
export function recordOf<Value>(member: z.ZodType<Value>): z.ZodType<Record<string, Value>> {
  return z.custom<Record<string, Value>>(
    (value) => isObject(value) && Object.values(value).every((one) => fits(member, one)),
  );
}

/** How many members an object has; undefined for anything else. */
export function countMembers(value: unknown): number | undefined {
  return isObject(value) ? Object.keys(value).length : undefined;
}

function isObject(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function fits(schema: z.ZodType, value: unknown): boolean {
  return schema.safeParse(value).success;
}
