import { existsSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { ALGORITHMS, COMPLIANCE } from '../../src/lib/htx/index.ts'
import { aiv } from '../support/aiv.ts'

const CONFORMANCE =
  process.env.AIV_CONFORMANCE_DIR ?? join(import.meta.dirname, '../../../shared/conformance')

/** Rows about what onlookers see. */
const LOOKS: readonly string[] = ['BN-11.1', 'BN-11.4', 'BN-11.12']

describe('the compliance rows of HTX', () => {
  it('are the ones of the list that concern it', () => {
    expect(COMPLIANCE.map(({ id }) => id)).toEqual([
      'BN-11.1',
      'BN-11.2',
      'BN-11.3',
      'BN-11.4',
      'BN-11.6',
      'BN-11.12',
    ])
  })

  it('claim nothing without evidence, and evidence that is there', (context) => {
    for (const { id, state, evidence } of COMPLIANCE) {
      if (state === 'absent') expect(evidence, id).toEqual([])
      // Nobody has published vectors for what a link looks like: such a row is never wholly covered.
      else if (!LOOKS.includes(id)) expect(evidence.length, id).toBeGreaterThan(0)
      else expect(state, id).toBe('partly')
    }
    if (!existsSync(CONFORMANCE)) context.skip('the vectors are not on this machine')
    const files = COMPLIANCE.flatMap(({ evidence }) => evidence.flatMap((each) => each.files))
    for (const file of files)
      expect(existsSync(join(CONFORMANCE, 'htx', file.replace('*.json', ''))), file).toBe(true)
  })
})

describe('aiv htx suites', () => {
  it('names the six handshakes and every algorithm by its object identifier', async () => {
    const { code, stdout } = await aiv(['htx', 'suites', '--json'])
    expect(code).toBe(0)
    const answer = JSON.parse(stdout) as Record<'suites' | 'algorithms' | 'compliance', { id?: unknown }[]>
    expect(answer.suites.map(({ id }) => id)).toEqual([1, 2, 3, 4, 5, 6])
    expect(answer.compliance.length).toBe(6)
    // Of the registry of NIST, RFC 8410 and RFC 8103.
    expect(Object.fromEntries(ALGORITHMS.map(({ name, oid }) => [name, oid]))).toEqual({
      X25519: '1.3.101.110',
      Ed25519: '1.3.101.112',
      'SHA-256': '2.16.840.1.101.3.4.2.1',
      'ChaCha20-Poly1305': '1.2.840.113549.1.9.16.3.18',
      'HKDF-SHA256': '1.2.840.113549.1.9.16.3.28',
      'ML-KEM-768': '2.16.840.1.101.3.4.4.2',
    })
  })
})
