/** Cipher suites against those of a template. */
import type { Code } from '../template/template.ts'
import { compareList, masked, sameCodes } from './code-lists.ts'
import type { Tell } from './tell.ts'

const CHACHA = { tls13: 0x1303, tls12: [0xcca9, 0xcca8] } as const
const TLS13_SUITES: readonly Code[] = [0x1301, 0x1302, 0x1303]

/** HPKE (RFC 9180 section 7.3). */
const AEAD = { aes128gcm: 0x0001, chacha20poly1305: 0x0003 } as const

/**
 * BoringSSL prefers ChaCha20 on a machine that has no instructions for AES (google/boringssl at a0689af,
 * handshake_client.cc), in the suites and in GREASE ECH alike.
 */
export function prefersChaCha(cipherSuites: readonly number[]): boolean {
  return masked(cipherSuites).filter((code) => code !== 'GREASE')[0] === CHACHA.tls13
}

/** The AEAD of GREASE ECH on such a machine. */
export function greaseEchAead(cipherSuites: readonly number[]): number {
  return prefersChaCha(cipherSuites) ? AEAD.chacha20poly1305 : AEAD.aes128gcm
}

export function compareSuites(expected: readonly Code[], cipherSuites: readonly number[]): readonly Tell[] {
  const found = masked(cipherSuites)
  if (sameCodes(withoutAesHardware(expected), found)) return []
  return compareList('cipher_suites', expected, found)
}

/** The same suites in the order of a machine without instructions for AES; unchanged where ChaCha20 comes early already. */
export function withoutAesHardware(suites: readonly Code[]): readonly Code[] {
  const tls13 = suites.filter((code) => TLS13_SUITES.includes(code))
  if (!sameCodes(tls13, TLS13_SUITES)) return suites
  const chacha = suites.filter((code) => isChaCha12(code))
  const others = suites.filter(
    (code) => code !== 'GREASE' && !TLS13_SUITES.includes(code) && !isChaCha12(code),
  )
  const grease = suites.filter((code) => code === 'GREASE')
  return [...grease, CHACHA.tls13, 0x1301, 0x1302, ...chacha, ...others]
}

function isChaCha12(code: Code): boolean {
  return CHACHA.tls12.some((suite) => suite === code)
}
