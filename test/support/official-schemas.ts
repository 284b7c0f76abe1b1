/** The official schemas of the formats, compiled: judges that share no code with ours. */
import { readFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import type { Schema, ValidateFunction } from 'ajv'
import { conformancePath } from './conformance.ts'

const require = createRequire(import.meta.url)

type AjvClass = new (
  options: object,
) => {
  compile(schema: Schema): ValidateFunction
  addSchema(schema: Schema, key?: string): unknown
  addFormat(name: string, check: (text: string) => boolean): unknown
}

function ajvOf(module: string): AjvClass {
  return (require(module) as { readonly default: AjvClass }).default
}

/** The schema as JSON; undefined, with a printed reason, without the conformance files. */
function officialSchema(file: string): Schema | undefined {
  const path = conformancePath('lint', 'schemas', file)
  return path === undefined ? undefined : (JSON.parse(readFileSync(path, 'utf8')) as Schema)
}

const OPTIONS = { strict: false, allErrors: false }

export function officialSpdx23(): ValidateFunction | undefined {
  const schema = officialSchema('spdx-2.3.schema.json')
  return schema === undefined ? undefined : new (ajvOf('ajv/dist/2019'))(OPTIONS).compile(schema)
}

export function officialSpdx3(): ValidateFunction | undefined {
  const schema = officialSchema('spdx-3.0.1.schema.json')
  return schema === undefined ? undefined : new (ajvOf('ajv/dist/2020'))(OPTIONS).compile(schema)
}

export function officialSarif(): ValidateFunction | undefined {
  const schema = officialSchema('sarif-schema-2.1.0.json')
  if (schema === undefined) return undefined
  const ajv = new (ajvOf('ajv-draft-04'))(OPTIONS)
  ;(require('ajv-formats') as { readonly default: (ajv: unknown) => void }).default(ajv)
  return ajv.compile(schema)
}

/** @param version 1.4 to 1.7 */
export function officialCycloneDx(version: string): ValidateFunction | undefined {
  const schema = officialSchema(`bom-${version}.schema.json`)
  if (schema === undefined) return undefined
  const ajv = new (ajvOf('ajv'))(OPTIONS)
  ;(require('ajv-formats') as { readonly default: (ajv: unknown) => void }).default(ajv)
  // The formats package does not have these two: coarse checks, which no legal value fails.
  ajv.addFormat('iri-reference', (text) => !/[\s<>"{}|\\^`]|^\d[^/?#]*:/.test(text))
  ajv.addFormat('idn-email', (text) => /^[^@\s]+@[^@\s]+$/.test(text))
  for (const file of ['spdx', 'jsf-0.82', 'cryptography-defs']) {
    const shared = officialSchema(`${file}.schema.json`)
    if (shared !== undefined) ajv.addSchema(shared)
  }
  return ajv.compile(schema)
}
