/** Flags of the key commands. */
import * as Flags from '@oclif/core/flags'
import { passphraseFlags } from '../io/passphrase.ts'

/** For commands that make an identity file. */
export const newFileFlags = {
  ...passphraseFlags,
  out: Flags.file({ summary: 'file to write (default identity.json in the config folder)' }),
  passphrase: Flags.boolean({ summary: 'ask for a passphrase and encrypt the file with it' }),
  kdf: Flags.option({
    options: ['argon2id', 'scrypt'] as const,
    summary: 'how the passphrase becomes a key (default argon2id)',
  })(),
  force: Flags.boolean({ summary: 'replace the file if it exists' }),
}
