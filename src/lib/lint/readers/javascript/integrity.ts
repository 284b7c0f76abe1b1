/** Subresource Integrity (W3C SRI) as lockfiles write it: `sha512-BASE64`, several with spaces between. */
import type { Hash } from '../../bom/index.ts'
import { base64Hash, type LockHashAlgorithm } from '../lock/index.ts'

const ALGORITHMS: ReadonlySet<string> = new Set<LockHashAlgorithm>([
  'md5',
  'sha1',
  'sha256',
  'sha384',
  'sha512',
])

/** @returns in the order of the text; a digest of the wrong length or alphabet is left out */
export function integrityHashes(text: string | undefined): readonly Hash[] {
  if (text === undefined) return []
  return text.split(/\s+/).flatMap((item) => {
    const dash = item.indexOf('-')
    const algorithm = item.slice(0, dash)
    // Options may follow after a question mark (SRI §3.5).
    const [digest = ''] = item.slice(dash + 1).split('?')
    return isAlgorithm(algorithm) ? (base64Hash(algorithm, digest) ?? []) : []
  })
}

function isAlgorithm(text: string): text is LockHashAlgorithm {
  return ALGORITHMS.has(text)
}
