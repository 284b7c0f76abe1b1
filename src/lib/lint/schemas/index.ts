/** Judges documents by the schemas of their formats. Each is loaded when a document needs it. */
import type { SchemaError } from './schema-error.ts'

export type { SchemaError } from './schema-error.ts'

/**
 * @param json as parsed
 * @param version as the document gives it: `2.3`, `3.0.1`, `1.6`
 * @returns at most a thousand objections, none when it is valid; undefined when there is no schema of that version here
 */
export async function validateDocument(
  json: unknown,
  family: 'spdx' | 'cyclonedx',
  version: string,
): Promise<readonly SchemaError[] | undefined> {
  if (family === 'cyclonedx') return await (await import('./cyclonedx.ts')).validateCycloneDx(json, version)
  if (version === '2.2' || version === '2.3') return (await import('./spdx2.ts')).validateSpdx2(json)
  if (version === '3.0.1') return (await import('./spdx3.ts')).validateSpdx3(json)
  return undefined
}
