/** Shared secrets of X25519 as KEM: the sender's side and the node's. */
import { SkippedVector } from '../../core/index.ts'
import { KEM_PRFS, kemSecret } from '../../crypto/index.ts'
import { MixKey } from '../mix-key.ts'
import { bytes, expect, expectBytes, text, type Vector } from './fields.ts'

/** @throws Error naming the first difference; SkippedVector for a function that no geometry has */
export function replayAdapter(vector: Vector): void {
  const prf = KEM_PRFS.find((known) => known === text(vector, 'prf'))
  if (prf === undefined) throw new SkippedVector(`no geometry has the function ${text(vector, 'prf')}`)
  const node = MixKey.fromPrivate(bytes(vector, 'static_private_key_hex'))
  const sender = MixKey.fromPrivate(bytes(vector, 'ephemeral_private_key_hex'))
  expectBytes('the static public key', node.publicKey, bytes(vector, 'static_public_key_hex'))
  expectBytes('the ciphertext', sender.publicKey, bytes(vector, 'ciphertext_hex'))
  for (const [what, dh] of [
    ['sender', sender.sharedWith(node.publicKey)],
    ['node', node.sharedWith(sender.publicKey)],
  ] as const) {
    expect(dh !== undefined, 'a key is of low order')
    const secret = kemSecret(prf, dh, node.publicKey, sender.publicKey)
    expectBytes(`the shared secret of the ${what}`, secret, bytes(vector, 'shared_secret_hex'))
  }
}
