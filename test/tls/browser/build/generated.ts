/** Hellos of a template as the reference reader sees them. */
import { SeededRandom } from '../../../../src/lib/core/index.ts'
import { HelloBuilder, type HelloTemplate, templates } from '../../../../src/lib/tls/index.ts'
import { type ReferenceHello, readRecord } from './reference-reader.ts'

/** Enough that each of four sizes is missed with a chance below 10^-24. */
export const HELLOS = 200

export interface GeneratedOptions {
  readonly host?: string
  readonly alpn?: readonly string[]
  readonly count?: number
  readonly seed?: number
}

/** Records of one running browser. */
export function generatedRecords(
  template: HelloTemplate,
  { host = 'example.test', alpn, count = HELLOS, seed = 1 }: GeneratedOptions = {},
): readonly Uint8Array[] {
  const builder = new HelloBuilder(template, new SeededRandom(seed))
  return Array.from(
    { length: count },
    () => builder.build({ host, ...(alpn === undefined ? {} : { alpn }) }).record,
  )
}

export function generated(
  template: HelloTemplate,
  options: GeneratedOptions = {},
): readonly ReferenceHello[] {
  return generatedRecords(template, options).map(readRecord)
}

/** Those whose hellos are written: in QUIC they are only read. */
export const WRITTEN: readonly HelloTemplate[] = templates().filter(({ transport }) => transport === 'tcp')
