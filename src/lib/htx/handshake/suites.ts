/** The handshake suites (section 3.1) and which of them a policy answers (section 3.4). */

export const SUITE = {
  XK: 1,
  XK_HFS: 2,
  NN_PSK: 3,
  NN_HFS_PSK: 4,
  XX: 5,
  XX_HFS: 6,
} as const

export type SuiteId = (typeof SUITE)[keyof typeof SUITE]

export interface Suite {
  readonly id: SuiteId
  /** Noise protocol name. */
  readonly protocol: string
  readonly pattern: 'XK' | 'NN' | 'XX'
  readonly hybrid: boolean
  /** Handshake messages. */
  readonly messages: 2 | 3
  /** Body of message 1 with an empty payload, bytes. */
  readonly message1Least: number
}

export const HANDSHAKE_SUITES: readonly Suite[] = [
  {
    id: SUITE.XK,
    protocol: 'Noise_XK_25519_ChaChaPoly_SHA256',
    pattern: 'XK',
    hybrid: false,
    messages: 3,
    message1Least: 1 + 32 + 16,
  },
  {
    id: SUITE.XK_HFS,
    protocol: 'Noise_XKhfs_25519+MLKEM768_ChaChaPoly_SHA256',
    pattern: 'XK',
    hybrid: true,
    messages: 3,
    message1Least: 1 + 32 + 1200 + 16,
  },
  {
    id: SUITE.NN_PSK,
    protocol: 'Noise_NNpsk0_25519_ChaChaPoly_SHA256',
    pattern: 'NN',
    hybrid: false,
    messages: 2,
    message1Least: 1 + 16 + 32 + 16,
  },
  {
    id: SUITE.NN_HFS_PSK,
    protocol: 'Noise_NNhfs+psk0_25519+MLKEM768_ChaChaPoly_SHA256',
    pattern: 'NN',
    hybrid: true,
    messages: 2,
    message1Least: 1 + 16 + 32 + 1200 + 16,
  },
  {
    id: SUITE.XX,
    protocol: 'Noise_XX_25519_ChaChaPoly_SHA256',
    pattern: 'XX',
    hybrid: false,
    messages: 3,
    message1Least: 1 + 32,
  },
  {
    id: SUITE.XX_HFS,
    protocol: 'Noise_XXhfs_25519+MLKEM768_ChaChaPoly_SHA256',
    pattern: 'XX',
    hybrid: true,
    messages: 3,
    message1Least: 1 + 32 + 1184,
  },
]

export function suiteOf(id: number): Suite | undefined {
  return HANDSHAKE_SUITES.find((suite) => suite.id === id)
}

/** `require` hybrid only, `prefer` hybrid but answer all, `off` classical only. */
export type PqPolicy = 'require' | 'prefer' | 'off'

/** From this moment Betanet 1.1 makes the hybrid key agreement mandatory: 2027-01-01T00:00:00Z, milliseconds. */
export const HYBRID_MANDATORY_FROM_MS = Date.UTC(2027, 0, 1)

/** The policy when none was chosen: `prefer`, and `require` from 2027-01-01. */
export function defaultPqPolicy(wallMs: number): PqPolicy {
  return wallMs >= HYBRID_MANDATORY_FROM_MS ? 'require' : 'prefer'
}

/** Whether a listener with this policy answers the suite at all; others are met with silence. */
export function suiteAnswered(suite: Suite, policy: PqPolicy, firstContact: boolean): boolean {
  if (suite.pattern === 'XX' && !firstContact) return false
  return policy === 'prefer' || suite.hybrid === (policy === 'require')
}

/** The suite a client starts with. */
export function suiteToStart(policy: PqPolicy, pattern: Suite['pattern']): SuiteId {
  const classical = policy === 'off'
  switch (pattern) {
    case 'XK':
      return classical ? SUITE.XK : SUITE.XK_HFS
    case 'NN':
      return classical ? SUITE.NN_PSK : SUITE.NN_HFS_PSK
    case 'XX':
      return classical ? SUITE.XX : SUITE.XX_HFS
  }
}
