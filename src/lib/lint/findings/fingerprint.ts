/** Keys by which a finding is known again after the file around it has changed. */
import { toHex } from '../../core/index.ts'
import { sha256 } from '../../crypto/digest.ts'
import { compareFindings, type Finding } from './finding.ts'

/** The name of the key in SARIF `partialFingerprints`. A change of what goes into it needs a new number. */
export const FINGERPRINT_NAME = 'aivLint/v1'

/**
 * Sorts findings and gives each its key: the hash of rule, path, what it is about, and its number among those that
 * agree in all three. Lines are no part of it, so that text inserted above changes nothing.
 */
export function fingerprinted(findings: readonly Omit<Finding, 'fingerprint'>[]): readonly Finding[] {
  const counts = new Map<string, number>()
  return findings
    .map((finding): Finding => ({ ...finding, fingerprint: '' }))
    .sort(compareFindings)
    .map((finding) => {
      const about = finding.entity ?? finding.message.replace(/\s+/g, ' ')
      const key = JSON.stringify([finding.rule, finding.path, about])
      const ordinal = counts.get(key) ?? 0
      counts.set(key, ordinal + 1)
      const text = JSON.stringify([finding.rule, finding.path, about, ordinal])
      return { ...finding, fingerprint: toHex(sha256(new TextEncoder().encode(text))) }
    })
}
