/** Reads a bill of materials of any format and tool: finds out which it is, and notes what is wrong with it. */
import { AivError } from '../../core/index.ts'
import { field, parseJson, string, UnreadableText } from '../readers/parse/index.ts'
import type { DocumentDefect, ReadDocument } from './document.ts'
import type { Locate } from './parts/assembler.ts'
import type { ReadParts } from './parts/facts.ts'
import { linesOf } from './parts/texts/json-text.ts'

/** More text than the largest documents of whole distributions have. */
const MAX_CHARACTERS = 256 * 2 ** 20

const READABLE =
  'SPDX 2.2 and 2.3 (JSON, tag-value), SPDX 3.0 (JSON-LD) and CycloneDX 1.2 to 1.7 (JSON) can be read'

/**
 * Lenient: what is wrong becomes a defect, and the rest is read.
 * @throws AivError `E_MALFORMED` when it is no document at all, `E_UNSUPPORTED` for other formats, `E_TOO_LARGE`
 */
export async function readBom(given: string): Promise<ReadDocument> {
  // Editors put a byte order mark before either encoding.
  const text = given.startsWith('\ufeff') ? given.slice(1) : given
  if (text.length > MAX_CHARACTERS)
    throw new AivError('E_TOO_LARGE', `the document is longer than ${MAX_CHARACTERS} characters`)
  const start = /\S/.exec(text.slice(0, 1000))?.[0] ?? ''
  if (start === '{') return await readJson(text)
  if (start === '<') throw unsupported('XML')
  const head = text.slice(0, 100_000)
  if (/^spdxVersion\s*:|^bomFormat\s*:|^SPDXID\s*:\s*["']/m.test(head)) throw unsupported('YAML')
  if (/^@prefix\s/m.test(head)) throw unsupported('RDF')
  if (!/^SPDXVersion\s*:/m.test(head))
    throw new AivError('E_MALFORMED', 'this is no bill of materials', { hint: READABLE })
  const { parseTagValue } = await import('./spdx2/tag-value-read.ts')
  const { bomFromSpdx } = await import('./spdx2/to-bom.ts')
  const { root, lines, defects } = parseTagValue(text)
  const read = bomFromSpdx(root, 'tag-value', (pointer) => ({ line: lines.get(pointer) }))
  return { ...read, defects: [...defects, ...read.defects] }
}

async function readJson(text: string): Promise<ReadDocument> {
  const json = parsed(text)
  const read = await partsOf(json)
  return { ...read, defects: withLines(text, read.defects), json }
}

async function partsOf(json: unknown): Promise<ReadParts> {
  const pointer: Locate = (at) => ({ pointer: at })
  if (string(field(json, 'spdxVersion')) !== undefined || string(field(json, 'SPDXID')) !== undefined)
    return (await import('./spdx2/to-bom.ts')).bomFromSpdx(json, 'json', pointer)
  if (field(json, 'bomFormat') === 'CycloneDX')
    return (await import('./cyclonedx/to-bom.ts')).bomFromCycloneDx(json, pointer)
  if (field(json, '@context') !== undefined || field(json, '@graph') !== undefined)
    return (await import('./spdx3/to-bom.ts')).bomFromSpdx3(json, pointer)
  if (field(json, 'payloadType') !== undefined && field(json, 'signatures') !== undefined)
    throw new AivError('E_UNSUPPORTED', 'this is a signed envelope around a document', {
      hint: 'aiv lint sbom verify opens it',
    })
  throw new AivError('E_MALFORMED', 'this JSON is no bill of materials', { hint: READABLE })
}

function parsed(text: string): unknown {
  try {
    return parseJson(text)
  } catch (cause) {
    if (!(cause instanceof UnreadableText)) throw cause
    throw new AivError('E_MALFORMED', `line ${cause.line}, column ${cause.column}: ${cause.message}`, {
      cause,
    })
  }
}

function withLines(text: string, defects: readonly DocumentDefect[]): readonly DocumentDefect[] {
  const pointers = new Set(defects.flatMap(({ pointer }) => pointer ?? []))
  const lines = linesOf(text, pointers)
  return defects.map((defect) => {
    const line = lines.get(defect.pointer ?? '')
    return line === undefined ? defect : { ...defect, line }
  })
}

function unsupported(encoding: string): AivError {
  return new AivError('E_UNSUPPORTED', `documents in ${encoding} cannot be read`, { hint: READABLE })
}
