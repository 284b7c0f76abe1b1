/** Our client and a scripted server, byte for byte, until neither has anything to say. */
import { AivError, type Clock, ManualClock, SeededRandom } from '../../../src/lib/core/index.ts'
import { TlsError } from '../../../src/lib/tls/alert.ts'
import { HelloBuilder } from '../../../src/lib/tls/browser/build/build-hello.ts'
import { templateById } from '../../../src/lib/tls/browser/template/templates.ts'
import { parseRoots } from '../../../src/lib/tls/certificate/roots/load-roots.ts'
import type { TrustRoots } from '../../../src/lib/tls/certificate/roots/trust-roots.ts'
import { verifyServerChain } from '../../../src/lib/tls/certificate/verify/verify-server-chain.ts'
import type { VerifyChain } from '../../../src/lib/tls/client/handshake/server-certificate.ts'
import type { OfferedSession } from '../../../src/lib/tls/client/handshake/session-resumption.ts'
import { TlsClient, type TlsEvent } from '../../../src/lib/tls/client/tls-client.ts'
import { type EchSetup, publicNameOf } from '../../../src/lib/tls/ech/seal-hello.ts'
import { newIdentity, type ServerIdentity } from './identity.ts'
import type { Script } from './script.ts'
import { type HeardAlert, ScriptedServer, UNREADABLE } from './scripted-server.ts'

export const SERVER_NAME = 'server.example.test'
export const WALL_MS = 1_795_564_800_000
const TURNS_MOST = 10

let known: ServerIdentity | undefined
const rootsOf = new WeakMap<ServerIdentity, TrustRoots>()

/** One for the whole run; trusted by the client. */
export function identity(): ServerIdentity {
  known ??= newIdentity(SERVER_NAME, new ManualClock(WALL_MS))
  return known
}

export interface ClientWishes {
  readonly template?: string
  readonly alpn?: readonly string[]
  readonly session?: OfferedSession
  readonly serverName?: string
  /** What it trusts; the identity of the server when absent. */
  readonly trusted?: ServerIdentity
  readonly clock?: Clock
  readonly seed?: number
  /** Made for one conversation. */
  readonly ech?: EchSetup
}

export function newClient(wishes: ClientWishes = {}): TlsClient {
  const { template = 'chrome-154', alpn = ['h2', 'http/1.1'], session, serverName = SERVER_NAME } = wishes
  const { trusted = identity(), clock = new ManualClock(WALL_MS), seed, ech } = wishes
  const roots = rootsOf.get(trusted) ?? parseRoots(trusted.pem)
  rootsOf.set(trusted, roots)
  const verifierOf =
    (name: string): VerifyChain =>
    (chain) =>
      verifyServerChain({ chain, serverName: name, roots, clock }).key
  return new TlsClient({
    builder: new HelloBuilder(
      templateById(template),
      seed === undefined ? undefined : new SeededRandom(seed),
    ),
    host: serverName,
    alpn,
    verifyChain: verifierOf(serverName),
    ...(ech === undefined
      ? {}
      : { ech: { setup: ech, verifyPublicName: verifierOf(publicNameOf(ech.chosen)) } }),
    ...(session === undefined ? {} : { session }),
  })
}

export class Conversation {
  readonly client: TlsClient
  readonly server: ScriptedServer
  readonly events: TlsEvent[] = []
  /** All that the client put on the wire. */
  readonly sent: Uint8Array[] = []
  /** What the client ended with. */
  error: unknown

  /** @param own what the server shows; trusted by the client unless it wishes otherwise */
  constructor(script: Script, wishes: ClientWishes = {}, own: ServerIdentity = identity()) {
    this.client = newClient({ trusted: own, ...wishes })
    this.server = new ScriptedServer(script, own)
    this.client.start()
    this.settle()
  }

  get isEstablished(): boolean {
    return this.events.some(({ kind }) => kind === 'established')
  }

  /** Gives the client bytes, and the server what the client has to say. */
  give(bytes: Uint8Array): this {
    this.#receive(bytes)
    return this.settle()
  }

  settle(): this {
    for (let turn = 0; turn < TURNS_MOST; turn++) {
      const output = this.client.takeOutput()
      if (output.length === 0) return this
      this.sent.push(output)
      const answer = this.server.receive(output)
      if (this.error === undefined && answer.length > 0) this.#receive(answer)
    }
    throw new Error('the conversation does not end')
  }

  #receive(bytes: Uint8Array): void {
    try {
      this.events.push(...this.client.receive(bytes))
      this.error = this.client.failure
    } catch (error) {
      this.error = error
    }
  }

  /** How it ended: the code of the error, and the alert that the server heard. */
  get ending(): { readonly code: string; readonly alert: number; readonly isProtected: boolean } {
    if (!(this.error instanceof AivError)) throw new Error('no typed error', { cause: this.error })
    const [heard, ...others] = this.server.alerts as [HeardAlert?, ...HeardAlert[]]
    if (heard === undefined || others.length > 0)
      throw new Error(`${others.length + 1} alerts`, { cause: this.error })
    if (this.error instanceof TlsError && ![this.error.alertNumber, UNREADABLE].includes(heard.description))
      throw new Error('the error and its alert differ', { cause: this.error })
    return { code: this.error.code, alert: heard.description, isProtected: heard.isProtected }
  }
}
