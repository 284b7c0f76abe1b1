/** The listener's part in the handshake of one client: section 3.5 from the first message to the keys. */
import { parseCertificate } from '../../../identity/index.ts'
import type { Link } from '../../../link/index.ts'
import { CODE } from '../../codes.ts'
import { type HandshakeResult, type Reply, Responder } from '../../handshake/index.ts'
import { beginChain, type ResumptionTicketHolder } from '../../resumption/index.ts'
import type { AccessTicketBinding } from '../../ticket/index.ts'
import { accessTicketBinding, outerBinding } from '../binding.ts'
import type { AcceptorContext } from './acceptor-context.ts'
import { type ClientVerdict, judgeClient } from './client-check.ts'
import { openMessage1 } from './message1.ts'

/** A message 1 that is answered. */
interface Answer {
  readonly reply: Reply
  /** Whose resumption ticket it was: the handshake is over then. Undefined in a full handshake. */
  readonly resumed: ResumptionTicketHolder | undefined
}

/** A full handshake at its end: its client may come in, or is told by a CLOSE why not. */
type FullHandshake = { readonly result: HandshakeResult; readonly peer: string } & (
  | { readonly holder: ResumptionTicketHolder }
  | { readonly holder: undefined; readonly refuseWith: number }
)

export class ClientHandshake {
  readonly #link: Link
  readonly #context: AcceptorContext
  readonly #prefix: string
  #responder: Responder | undefined
  #certificate: Uint8Array | undefined
  #over = false

  /** @param prefix the /24 or /56 of the link */
  constructor(link: Link, context: AcceptorContext, prefix: string) {
    this.#link = link
    this.#context = context
    this.#prefix = prefix
  }

  /**
   * Reads message 1 and makes its answer.
   * @returns undefined when it is to be met with silence, or the handshake was given up meanwhile
   * @throws AivError of hostile bytes or of our own side; silence is due in either case
   */
  async message1(body: Uint8Array): Promise<Answer | undefined> {
    const { admission, identity, message1 } = this.#context
    if (!admission.admit(this.#prefix)) return undefined
    const certificate = await identity.certificate()
    if (this.#over) return undefined
    const { responder, binding } = this.#createResponder(certificate)
    const inspection = responder.inspect(body)
    if (inspection === undefined || message1.has(inspection.cacheKey)) return undefined
    const opened = await openMessage1(responder, inspection, this.#context, { prefix: this.#prefix, binding })
    // Awaited below; until then a failure is nobody's.
    opened?.used?.catch(() => {})
    if (opened === undefined || !(await message1.insert(inspection.cacheKey))) return undefined
    if (this.#over) {
      responder.erase()
      return undefined
    }
    const reply = responder.reply()
    if ((await opened.used) === false || this.#over) return undefined
    return { reply, resumed: opened.holder }
  }

  /**
   * Reads message 3 and judges its client; what is durable about it is when this resolves.
   * @throws AivError when it is not genuine, or of our own side
   */
  async message3(body: Uint8Array): Promise<ClientVerdict> {
    const responder = this.#responder as Responder
    const message3 = responder.readMessage3(body)
    return 'closeCode' in message3
      ? { peer: '', refusal: message3.closeCode }
      : await judgeClient(message3.certificate, responder.remoteStatic as Uint8Array, this.#context)
  }

  /**
   * The end of a full handshake. Room and permission are asked for here, once more: others may have taken the one, or
   * the operator the other, while the record was written. So the session must begin before anything else happens.
   */
  finish({ peer, refusal, certificate }: ClientVerdict): FullHandshake {
    const { admits, hasRoomForSession, clock } = this.#context
    const own = this.#certificate
    const result = this.#result()
    if (certificate === undefined || admits(peer) === 'no' || !hasRoomForSession()) {
      // A client that is welcome may try again when there is room.
      const code = admits(peer) === 'no' ? CODE.POLICY_REJECTED : CODE.ENHANCE_CALM
      return { result, peer, holder: undefined, refuseWith: refusal ?? code }
    }
    const { notAfter } = parseCertificate(own as Uint8Array)
    const holder = {
      peer,
      x: certificate.noisePublic,
      certHash: certificate.hash,
      hybrid: result.suite.hybrid,
      ...beginChain(clock, notAfter, certificate.notAfter),
    }
    return { result, peer, holder }
  }

  /** The keys of a resumed session, behind message 2. */
  finishResumed(): HandshakeResult {
    return this.#result()
  }

  /** Ends it and erases its secrets; what is under way leads nowhere. */
  erase(): void {
    this.#over = true
    this.#responder?.erase()
    // Whoever began it stays as long as the link: a thousand idle sessions need not hold ten megabytes of this.
    this.#responder = undefined
    this.#certificate = undefined
  }

  #result(): HandshakeResult {
    const result = (this.#responder as Responder).finish()
    this.erase()
    return result
  }

  #createResponder(certificate: Uint8Array): {
    readonly responder: Responder
    readonly binding: AccessTicketBinding
  } {
    const { address, linkName, hello, clock, random, identity, pq, firstContact } = this.#context
    const ekm = outerBinding(address, this.#link)
    const binding = accessTicketBinding(identity.staticKey.publicKey, ekm)
    this.#certificate = certificate
    const responder = new Responder({
      link: linkName,
      ...(ekm === undefined ? {} : { ekm }),
      hello,
      clock,
      random,
      staticKey: identity.staticKey,
      certificate,
      pq: pq(),
      firstContact,
    })
    this.#responder = responder
    return { responder, binding }
  }
}
