/** Fields of a ClientHello as other programs list them, for example tshark. */

import { latin1 } from '../../core/index.ts'
import type { ClientHello } from '../hello/client-hello.ts'
import {
  alpnProtocols,
  serverName,
  signatureAlgorithms,
  supportedGroups,
  supportedVersions,
} from '../hello/extensions.ts'
import { isGrease } from '../hello/grease.ts'
import type { FoundHello } from '../observe/find/found-hello.ts'
import type { JudgedForms } from './published-rows.ts'

type Item = number | string

/** In the order of the hello; undefined when it has none. */
const FIELDS: Readonly<Record<string, (hello: ClientHello) => readonly Item[] | undefined>> = {
  version: ({ version }) => [version],
  cipher_suites: ({ cipherSuites }) => cipherSuites,
  extensions: ({ extensions }) => extensions?.map(({ type }) => type),
  supported_groups: supportedGroups,
  supported_versions: supportedVersions,
  signature_algorithms: signatureAlgorithms,
  alpn: (hello) => alpnProtocols(hello).map(latin1),
  sni: (hello) => {
    const name = serverName(hello)
    return name && [latin1(name)]
  },
}

export const FIELD_FORMS: JudgedForms = Object.fromEntries(
  Object.entries(FIELDS).map(([field, read]) => [
    field,
    { kind: 'client' as const, judge: (found: FoundHello, value: unknown) => judge(found, read, value) },
  ]),
)

function judge(
  found: FoundHello,
  read: (hello: ClientHello) => readonly Item[] | undefined,
  value: unknown,
): void {
  const ours = (found.kind === 'client' ? read(found.hello) : undefined) ?? []
  const published: readonly unknown[] = Array.isArray(value) ? value : [value]
  const isSame = ours.length === published.length && ours.every((item, i) => isItem(item, published[i]))
  if (!isSame) throw new Error(`published is ${published.join(' ')}, read is ${ours.join(' ')}`)
}

/** Numbers may be written in decimal or as 0x…; `GREASE`, or -1, stands for any of its values. */
function isItem(ours: Item, published: unknown): boolean {
  if (typeof ours === 'string') return ours === published
  if (published === 'GREASE' || published === -1) return isGrease(ours)
  return published !== '' && ours === Number(published)
}
