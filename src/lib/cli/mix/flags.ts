/** Flags that several commands of the mixnet share. */
import * as Flags from '@oclif/core/flags'
import { passphraseFlags } from '../io/passphrase.ts'

export const vrfSuiteFlag = {
  suite: Flags.option({
    options: ['tai', 'ell2'] as const,
    summary: 'cipher suite of RFC 9381: ECVRF-EDWARDS25519-SHA512-TAI or -ELL2',
    default: 'tai',
  })(),
}

export const alphaFlag = {
  alpha: Flags.string({ summary: 'input in hexadecimal, in place of a file', helpValue: 'HEX' }),
}

export const vrfKeyFlags = {
  ...passphraseFlags,
  key: Flags.file({
    summary: 'identity file, or a file with a seed of 32 bytes (default identity.json in the config folder)',
    helpValue: 'FILE',
  }),
}
