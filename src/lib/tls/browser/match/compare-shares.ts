/** Key shares against the rules of a template. */
import { equal } from '../../../core/index.ts'
import type { ClientHello } from '../../hello/client-hello.ts'
import { type KeyShare, keyShares, supportedGroups } from '../../hello/extensions.ts'
import { isGrease } from '../../hello/grease.ts'
import { GROUP } from '../../hello/groups.ts'
import type { KeyShareContent } from '../template/template.ts'
import { compareList, masked } from './code-lists.ts'
import { mayBeMlKem768, mayBeP256, mayBeX25519 } from './public-keys.ts'
import { rule, type Tell } from './tell.ts'

const FIELD = 'key_share'
const X25519_BYTES = 32
const MLKEM768_BYTES = 1184

const SHARE_BYTES: ReadonlyMap<number, number> = new Map([
  [GROUP.secp256r1, 65],
  [GROUP.secp384r1, 97],
  [GROUP.secp521r1, 133],
  [GROUP.x25519, X25519_BYTES],
  [GROUP.x25519mlkem768, MLKEM768_BYTES + X25519_BYTES],
  [GROUP.x25519kyber768, MLKEM768_BYTES + X25519_BYTES],
])

export function compareShares(content: KeyShareContent, hello: ClientHello): readonly Tell[] {
  const shares = keyShares(hello)
  if (shares === undefined) return [rule(FIELD, 'a list of shares', 'something else')]
  if (isRetry(content, hello, shares)) return shares.flatMap(compareShare)
  return [
    ...compareList(FIELD, content.list, masked(shares.map(({ group }) => group))),
    ...compareGrease(hello, shares),
    ...shares.flatMap(compareShare),
    ...compareReuse(content, shares),
  ]
}

/**
 * A second hello has the one share that the server asked for, and no GREASE among them (RFC 8446 section 4.1.2). A
 * server may not ask for one that it has got (section 4.2.8).
 */
function isRetry(content: KeyShareContent, hello: ClientHello, shares: readonly KeyShare[]): boolean {
  const [only] = shares
  return (
    shares.length === 1 &&
    content.list.length > 1 &&
    only !== undefined &&
    !isGrease(only.group) &&
    !content.list.includes(only.group) &&
    supportedGroups(hello).includes(only.group)
  )
}

function compareGrease(hello: ClientHello, shares: readonly KeyShare[]): readonly Tell[] {
  const share = shares.find(({ group }) => isGrease(group))
  const group = supportedGroups(hello).find(isGrease)
  if (share === undefined || group === undefined) return []
  return [
    ...(share.group === group ? [] : [rule(FIELD, 'the GREASE of supported_groups', 'another value')]),
    ...(share.share.length === 1 && share.share[0] === 0
      ? []
      : [rule(FIELD, 'a GREASE share of one zero byte', `${share.share.length} bytes`)]),
  ]
}

function compareShare({ group, share }: KeyShare): readonly Tell[] {
  const length = SHARE_BYTES.get(group)
  if (length === undefined) return []
  if (share.length !== length) return [rule(FIELD, `a share of ${length} bytes`, `${share.length} bytes`)]
  if (group === GROUP.secp256r1 && !mayBeP256(share))
    return [rule(FIELD, 'a point of P-256', 'bytes that are none')]
  const x25519 = x25519Of({ group, share })
  if (x25519 !== undefined && !mayBeX25519(x25519))
    return [rule(FIELD, 'an X25519 key', 'bytes that are none')]
  const mlkem = mlkemOf({ group, share })
  return mlkem !== undefined && !mayBeMlKem768(mlkem)
    ? [rule(FIELD, 'an ML-KEM-768 key', 'bytes that are none')]
    : []
}

function compareReuse({ x25519 }: KeyShareContent, shares: readonly KeyShare[]): readonly Tell[] {
  const keys = shares.flatMap((share) => x25519Of(share) ?? [])
  const [first, second] = keys
  if (first === undefined || second === undefined) return []
  const isReused = equal(first, second)
  if (isReused === (x25519 === 'shared')) return []
  const [own, same] = ['an X25519 key of its own in each share', 'the same X25519 key in two shares']
  return [isReused ? rule(FIELD, own, same) : rule(FIELD, same, own)]
}

/** The X25519 key of a share that has one. */
export function x25519Of({ group, share }: KeyShare): Uint8Array | undefined {
  switch (group) {
    case GROUP.x25519:
      return share
    case GROUP.x25519mlkem768:
      return share.subarray(MLKEM768_BYTES)
    case GROUP.x25519kyber768:
      return share.subarray(0, X25519_BYTES)
    default:
      return undefined
  }
}

function mlkemOf({ group, share }: KeyShare): Uint8Array | undefined {
  if (group === GROUP.x25519mlkem768) return share.subarray(0, MLKEM768_BYTES)
  return group === GROUP.x25519kyber768 ? share.subarray(X25519_BYTES) : undefined
}
