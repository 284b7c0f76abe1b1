/** The official JSON schemas as judges. */
import { readFileSync } from 'node:fs'
import Ajv, { type ValidateFunction } from 'ajv'
import Ajv2019 from 'ajv/dist/2019.js'
import Ajv2020 from 'ajv/dist/2020.js'
import addFormats from 'ajv-formats'
import type { BomFormat } from '../../../src/lib/lint/documents/index.ts'
import { conformancePath } from '../../support/conformance.ts'

const SCHEMAS: Readonly<Record<BomFormat, readonly string[]>> = {
  'spdx-json': ['spdx-2.3.schema.json'],
  'spdx-tv': [],
  'spdx3-json': ['spdx-3.0.1.schema.json'],
  'cdx-json': ['bom-1.6.schema.json', 'spdx.schema.json', 'jsf-0.82.schema.json'],
  'cdx-json@1.7': [
    'bom-1.7.schema.json',
    'spdx.schema.json',
    'jsf-0.82.schema.json',
    'cryptography-defs.schema.json',
  ],
}

/** RFC 3987 apart from the private use and the exact ranges: enough to refuse what no URI parser takes. */
export function isIriReference(text: string): boolean {
  return (
    /^(?:[a-z][a-z0-9+.-]*:)?(?:\/\/[^/?#]*)?[^?#]*(?:\?[^#]*)?(?:#[^#]*)?$/i.test(text) &&
    !/[\s\p{Cc}"<>\\^`{|}]|%(?![0-9A-Fa-f]{2})/u.test(text)
  )
}

/** RFC 6531 without quoted local parts. */
export function isIdnEmail(text: string): boolean {
  return /^[^\s@"(),:;<>[\]\\]+@[^\s@"(),:;<>[\]\\.]+(?:\.[^\s@"(),:;<>[\]\\.]+)*$/u.test(text)
}

const compiled = new Map<string, ValidateFunction>()

/**
 * What the official schema of a format has against the text; none for a format that has no schema.
 * @returns undefined when the schemas are not there
 */
export function schemaErrors(format: BomFormat, text: string): readonly string[] | undefined {
  const [main, ...others] = SCHEMAS[format]
  if (main === undefined) return []
  const validate = compiled.get(format) ?? compile(main, others)
  if (validate === undefined) return undefined
  compiled.set(format, validate)
  validate(JSON.parse(text))
  return (validate.errors ?? []).map(({ instancePath, message }) => `${instancePath} ${message}`)
}

function compile(main: string, others: readonly string[]): ValidateFunction | undefined {
  const [schema, ...more] = [main, ...others].map((name) => {
    const path = conformancePath('lint', 'schemas', name)
    return path === undefined ? undefined : (JSON.parse(readFileSync(path, 'utf8')) as { $schema: string })
  })
  if (schema === undefined) return undefined
  const Judge = /2019-09/.test(schema.$schema) ? Ajv2019 : /2020-12/.test(schema.$schema) ? Ajv2020 : Ajv
  const judge = new Judge.default({ strict: false })
  addFormats.default(judge)
  judge.addFormat('iri-reference', isIriReference)
  judge.addFormat('idn-email', isIdnEmail)
  for (const schema of more) if (schema !== undefined) judge.addSchema(schema)
  return judge.compile(schema)
}
