/** Keys of a server behind ECH, as a test needs them, and the certificates of its two names. */
import { systemClock } from '../../../src/lib/core/index.ts'
import { parseEchKeyFile } from '../../../src/lib/tls/ech/key-file.ts'
import { newEchKey } from '../../../src/lib/tls/ech/new-key.ts'
import { newIdentity, type ServerIdentity } from '../tls-server/identity.ts'
import type { EchScript } from '../tls-server/script.ts'

export const PUBLIC_NAME = 'public.example.test'
export const SECRET_NAME = 'secret.example.test'

export interface EchKeys {
  /** ECHConfigList. */
  readonly list: Uint8Array
  readonly key: EchScript['key']
  /** PEM with the private key. */
  readonly file: string
}

export function newEchKeys(publicName: string = PUBLIC_NAME): EchKeys {
  const { file, list } = newEchKey(publicName)
  const { privateKey, configs } = parseEchKeyFile(file)
  const [first] = configs
  if (privateKey === undefined || first === undefined) throw new Error('a new ECH key without its parts')
  return { list, key: { privateKey, config: first.bytes }, file }
}

export interface TwoNames {
  readonly behind: ServerIdentity
  readonly front: ServerIdentity
}

export function twoNames(): TwoNames {
  return { behind: newIdentity(SECRET_NAME, systemClock), front: newIdentity(PUBLIC_NAME, systemClock) }
}
