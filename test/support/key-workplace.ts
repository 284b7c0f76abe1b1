/** What the examples of the key commands need around them. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/lib/core/index.ts'
import { systemRandom } from '../../src/lib/crypto/index.ts'
import {
  createIdentity,
  exportPublic,
  portablePublic,
  portableSecret,
  saveIdentity,
} from '../../src/lib/identity/index.ts'
import type { Workplace } from './shell.ts'

/** A default identity and the same as `alice.json`. */
export async function prepareKeys({ folder, env }: Workplace): Promise<undefined> {
  const identity = createIdentity(systemRandom, systemClock)
  const home = String(env.AIV_HOME)
  mkdirSync(home, { recursive: true })
  await saveIdentity(join(home, 'identity.json'), identity)
  await saveIdentity(join(folder, 'alice.json'), identity)
}

/** The same, with an exported identity and a passphrase. */
export async function prepareBackup({ folder, env }: Workplace): Promise<undefined> {
  await prepareKeys({ folder, env })
  const identity = createIdentity(systemRandom, systemClock)
  const backup = { ...portablePublic(exportPublic(identity)), secret: portableSecret(identity) }
  writeFileSync(join(folder, 'alice.backup.json'), JSON.stringify(backup), { mode: 0o600 })
  preparePassphrase({ folder, env })
}

export function preparePassphrase({ folder }: Workplace): undefined {
  writeFileSync(join(folder, 'passphrase.txt'), 'correct horse\n')
}
