/**
 * Compiles the JSON schemas of CycloneDX to programs, so that judging a document does not wait for a compiler. They go
 * to `dist/schemas`, which the sources and the compiled library both reach by the same relative path.
 */
import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { _, Ajv, type KeywordCxt, Name, type Schema } from 'ajv'

const root = fileURLToPath(new URL('..', import.meta.url))
const require = createRequire(import.meta.url)
const standalone = require('ajv/dist/standalone').default as (ajv: Ajv, validate: unknown) => string

const VERSIONS = ['1.2', '1.3', '1.4', '1.5', '1.6', '1.7']
const SHARED = ['spdx', 'jsf-0.82', 'cryptography-defs']
const FORMATS = ['date', 'date-time', 'idn-email', 'iri-reference', 'uri']

/** What schemas say to people only. */
const ANNOTATIONS: ReadonlySet<string> = new Set([
  '$comment',
  'title',
  'description',
  'examples',
  'default',
  'deprecated',
  'meta:enum',
])

/** Below these, keys are names that the schema gives, and no keywords. */
const NAMED: ReadonlySet<string> = new Set([
  'properties',
  'patternProperties',
  'definitions',
  '$defs',
  'dependencies',
])

const PREAMBLE = `import { createRequire } from 'node:module'
import { FORMATS as formats, isUnique } from '../lib/lint/schemas/compiled/index.js'
const require = createRequire(import.meta.url)
`

/** Writes the validators that are not there or are made from something else. */
export function writeSchemaValidators(): void {
  const folder = join(root, 'dist', 'schemas')
  mkdirSync(folder, { recursive: true })
  const stamp = createHash('sha256')
  for (const name of [...SHARED, ...VERSIONS.map((version) => `bom-${version}`)])
    stamp.update(schemaText(name))
  stamp.update(readFileSync(fileURLToPath(import.meta.url)))
  const made = `// ${stamp.digest('hex')}\n`
  for (const version of VERSIONS) {
    const path = join(folder, `cyclonedx-${version}.js`)
    if (!existsSync(path) || !readFileSync(path, 'utf8').startsWith(made))
      writeFileSync(path, made + validatorOf(version))
  }
}

function validatorOf(version: string): string {
  const ajv = new Ajv({
    strict: false,
    allErrors: true,
    inlineRefs: false,
    // The check of the schemas themselves would run the keyword below, which exists in the output only.
    validateSchema: false,
    meta: false,
    formats: Object.fromEntries(FORMATS.map((name) => [name, () => true])),
    code: { source: true, esm: true, formats: _`formats` },
  })
  // The usual one compares every pair: a hostile list of a hundred thousand would never end.
  ajv.removeKeyword('uniqueItems')
  ajv.addKeyword({
    keyword: 'uniqueItems',
    type: 'array',
    schemaType: 'boolean',
    error: { message: 'must not have the same item twice' },
    code: (context: KeywordCxt) => {
      if (context.schema === true) context.fail(_`!${new Name('isUnique')}(${context.data})`)
    },
  })
  for (const name of SHARED)
    ajv.addSchema(schemaOf(name), `http://cyclonedx.org/schema/${name}.SNAPSHOT.schema.json`)
  const code = standalone(ajv, ajv.compile(asPublished(schemaOf(`bom-${version}`), version)))
  return `${PREAMBLE}${code}`
}

interface BomSchema {
  readonly required: readonly string[]
  readonly properties: Readonly<Record<string, object>>
}

/** The package relaxes two demands of the published schemas, which consumers that validate still make. */
function asPublished(schema: BomSchema, version: string): Schema {
  const $schema = { type: 'string', enum: [`http://cyclonedx.org/schema/bom-${version}.schema.json`] }
  return {
    ...schema,
    required: version <= '1.4' ? [...new Set([...schema.required, 'version'])] : schema.required,
    properties:
      version === '1.4' || version === '1.5' ? { ...schema.properties, $schema } : schema.properties,
  }
}

function schemaOf(name: string): BomSchema {
  return withoutAnnotations(JSON.parse(schemaText(name))) as BomSchema
}

function schemaText(name: string): string {
  return readFileSync(
    join(root, 'node_modules/@cyclonedx/cyclonedx-library/res/schema', `${name}.SNAPSHOT.schema.json`),
    'utf8',
  )
}

function withoutAnnotations(schema: unknown): unknown {
  if (Array.isArray(schema)) return schema.map(withoutAnnotations)
  if (typeof schema !== 'object' || schema === null) return schema
  return Object.fromEntries(
    Object.entries(schema)
      .filter(([key]) => !ANNOTATIONS.has(key))
      .map(([key, value]) => {
        if (key === 'enum' || key === 'const') return [key, value]
        return [key, NAMED.has(key) ? eachValue(value) : withoutAnnotations(value)]
      }),
  )
}

function eachValue(named: unknown): unknown {
  return Object.fromEntries(
    Object.entries(named as object).map(([key, value]) => [key, withoutAnnotations(value)]),
  )
}

if (import.meta.main) writeSchemaValidators()
