/** Who a client is and whether it may come in: the end of section 3.5. */
import { isAivError } from '../../../core/index.ts'
import { type VerifiedCertificate, verifyCertificate } from '../../../identity/index.ts'
import { CODE } from '../../codes.ts'
import type { AcceptorContext } from './acceptor-context.ts'

export interface ClientVerdict {
  /** Peer id, or empty when the certificate does not prove one. */
  readonly peer: string
  /** The certificate of a client that may come in. */
  readonly certificate?: VerifiedCertificate
  /** The code of the CLOSE when the client may not come in. */
  readonly refusal: number | undefined
}

/**
 * Judges the certificate of message 3; the roll-back record is durable when this resolves. Never rejects.
 * @param staticKey the key that the Noise handshake proved
 */
export async function judgeClient(
  bytes: Uint8Array,
  staticKey: Uint8Array,
  context: Pick<AcceptorContext, 'identity' | 'trust' | 'admits' | 'records' | 'clock' | 'onError'>,
): Promise<ClientVerdict> {
  const { identity, trust, admits, records, clock, onError } = context
  try {
    const certificate = verifyCertificate(bytes, { staticKey, clock })
    const { peer } = certificate
    const admitted = admits(peer)
    if (admitted === 'no') return { peer, refusal: CODE.POLICY_REJECTED }
    if (peer !== identity.peer) await trust.record(certificate, admitted === 'named')
    await records.forgetOtherKeys(peer, certificate.noisePublic)
    return { peer, certificate, refusal: undefined }
  } catch (error) {
    if (isAivError(error, 'E_CERTIFICATE')) return { peer: '', refusal: CODE.AUTH_FAILED }
    // Without a record there is no session, and the client should not have to guess why.
    onError(error as Error)
    return { peer: '', refusal: CODE.INTERNAL_ERROR }
  }
}
