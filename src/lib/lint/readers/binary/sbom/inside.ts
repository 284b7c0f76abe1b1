/** A bill of materials that a build tool put into the program: a section that holds JSON, compressed or not. */
import { gunzipSync, inflateSync } from 'node:zlib'
import { UnreadableText } from '../../parse/index.ts'
import type { BinaryImage } from '../image/image.ts'

const SECTIONS: ReadonlySet<string> = new Set(['.sbom', '__sbom', 'sbom'])
/** Of all parts of a program together. */
export const MAX_SBOM_BYTES = 64 * 1024 * 1024

/**
 * @param maxBytes of the text
 * @returns the text; undefined when there is none
 * @throws UnreadableText when it is compressed and broken, too large, or not UTF-8
 */
export function sbomInside({ sections }: BinaryImage, maxBytes: number): string | undefined {
  const data = sections.find(({ name, data: { length } }) => SECTIONS.has(name) && length > 0)?.data
  if (data === undefined) return undefined
  try {
    const plain = expanded(data, maxBytes)
    // A section is filled up with zeros.
    const end = plain.indexOf(0)
    return new TextDecoder('utf-8', { fatal: true }).decode(end === -1 ? plain : plain.subarray(0, end))
  } catch {
    throw new UnreadableText('the bill of materials in it is damaged or too large', { line: 1, column: 1 })
  }
}

/** As its first bytes tell: gzip, zlib, or as it is. @throws Error */
function expanded(data: Uint8Array, maxBytes: number): Uint8Array {
  const limit = { maxOutputLength: maxBytes }
  if (data[0] === 0x1f && data[1] === 0x8b) return gunzipSync(data, limit)
  if (data[0] === 0x78) return inflateSync(data, limit)
  if (data.length > maxBytes) throw new RangeError('it is larger than what is allowed')
  return data
}
