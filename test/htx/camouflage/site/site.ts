/** A camouflaged site on loopback, its tickets, and visitors of it over HTTP/1.1 and HTTP/2. */
import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { type ConnectionOptions, connect as connectTls, type TLSSocket } from 'node:tls'
import { onTestFinished } from 'vitest'
import { EMPTY, ManualClock, systemClock } from '../../../../src/lib/core/index.ts'
import { systemRandom } from '../../../../src/lib/crypto/index.ts'
import {
  type CamouflagedListenOptions,
  listenCamouflaged,
} from '../../../../src/lib/htx/camouflage/site/index.ts'
import { accessTicketBinding } from '../../../../src/lib/htx/endpoint/binding.ts'
import {
  AccessTicketVerifier,
  buildTicket,
  encodeBase64Url,
  grantOf,
  newTicketKey,
  REPLAY_SCHEMA,
  ReplayStore,
  type TicketGrant,
  type TicketKey,
  type TicketRates,
} from '../../../../src/lib/htx/ticket/index.ts'
import type { Link } from '../../../../src/lib/link/index.ts'
import { openMemoryStore, type Store } from '../../../../src/lib/storage/index.ts'
import { selfSigned } from '../../../../src/lib/tls/index.ts'
import { temporaryFolder } from '../../../support/aiv.ts'

export const PATH = '/live/socket'
export const GRANT_SITE = { site: 'decoy.test', path: '/contact', cookieName: '__Host-bn1' }
export const PAGE = '<!doctype html><title>Garden notes</title><p>Tulips.\n'
const STATIC_KEY = new Uint8Array(32).fill(7)
/** What tickets are tied to that any connection may bring. */
export const UNBOUND = accessTicketBinding(STATIC_KEY, undefined)

const POLICY = 'BN-Ticket: v2; carriers=cookie:0.5,query:0.3,body:0.2; len=24..64'
const certificate = selfSigned({ names: ['decoy.test', '127.0.0.1'], clock: systemClock })

/** No test is stopped by the rates unless it asks. */
const NO_RATES: TicketRates = {
  prefix: { capacity: 1e9, refillPerSecond: 1e9 },
  global: { capacity: 1e9, refillPerSecond: 1e9 },
  prefixes: 10,
}

export interface SiteOptions extends Partial<CamouflagedListenOptions> {
  /** While it says no, there are no tickets, and the site is a mere site. */
  readonly hasKeys?: () => boolean
  readonly store?: Store
  readonly rates?: TicketRates
  readonly wrapVerifier?: (verifier: AccessTicketVerifier) => AccessTicketVerifier
}

export interface RunningSite {
  readonly port: number
  readonly clock: ManualClock
  readonly grant: TicketGrant
  readonly key: TicketKey
  readonly links: Link[]
  readonly errors: Error[]
  /** A new ticket for the connection, as text. */
  ticket(socket: TLSSocket, changes?: TicketChanges): string
  close(): Promise<void>
}

export interface TicketChanges {
  readonly version?: 1 | 2
  /** Not tied to a connection. */
  readonly isUnbound?: boolean
  readonly offByMs?: number
  readonly grant?: TicketGrant
  readonly serverStatic?: Uint8Array
}

/** A small garden of pages; `path` is gone after the test. */
export function decoyFolder(): string {
  const folder = temporaryFolder()
  mkdirSync(join(folder, 'css'))
  writeFileSync(join(folder, 'index.html'), PAGE)
  writeFileSync(join(folder, 'css', 'site.css'), 'p { color: green }\n')
  return folder
}

export async function startSite(options: SiteOptions = {}): Promise<RunningSite> {
  const { hasKeys = () => true, rates = NO_RATES, wrapVerifier = (verifier) => verifier } = options
  const clock = new ManualClock()
  const key = { ...newTicketKey(systemRandom, clock), notBefore: 0 }
  const errors: Error[] = []
  const links: Link[] = []
  const onError = (error: Error): void => void errors.push(error)
  const store = options.store ?? (await openMemoryStore(REPLAY_SCHEMA))
  const replay = await ReplayStore.open(store, clock, onError)
  const verifier = new AccessTicketVerifier({ clock, keys: () => (hasKeys() ? [key] : []), replay, rates })
  const listener = await listenCamouflaged({
    host: '127.0.0.1',
    port: 0,
    tls: certificate,
    path: PATH,
    site: GRANT_SITE,
    decoy: options.decoy ?? { kind: 'directory', path: decoyFolder() },
    binding: (exporter) => accessTicketBinding(STATIC_KEY, exporter?.(64, 'htx inner v1', EMPTY)),
    versions: [2],
    clock,
    random: systemRandom,
    onLink: (link) => links.push(link),
    onError,
    ...options,
    verifier: wrapVerifier(verifier),
  })
  onTestFinished(() => listener.close())
  const grant = grantOf({ policyText: POLICY, ...GRANT_SITE, keys: [key] }, key)
  const ticket = (socket: TLSSocket, changes: TicketChanges = {}): string => {
    const { isUnbound = false, version = 2, serverStatic = STATIC_KEY } = changes
    const ekm = isUnbound ? undefined : socket.exportKeyingMaterial(64, 'htx inner v1', Buffer.alloc(0))
    const used = changes.grant ?? grant
    const theirs = new ManualClock(clock.wallMs() + (changes.offByMs ?? 0))
    return encodeBase64Url(
      buildTicket(
        { ...used, policy: { ...used.policy, version } },
        {
          clock: theirs,
          random: systemRandom,
          binding: accessTicketBinding(serverStatic, ekm === undefined ? undefined : new Uint8Array(ekm)),
        },
      ),
    )
  }
  return { port: listener.port, clock, grant, key, links, errors, ticket, close: () => listener.close() }
}

/** A connection whose TLS stands. */
export async function openTls(port: number, options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connectTls({
    host: '127.0.0.1',
    port,
    servername: 'decoy.test',
    rejectUnauthorized: false,
    ALPNProtocols: ['http/1.1'],
    ...options,
  })
  onTestFinished(() => void socket.destroy())
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
  })
  socket.on('error', () => {})
  return socket
}

/** What came back for one request: every byte of the head, the body apart from its framing. */
export interface RawAnswer {
  readonly head: string
  readonly body: string
}

/** Reads answers of HTTP/1.1 to the byte, so that nothing about them is lost. */
export class RawReader {
  readonly socket: TLSSocket
  #text = ''
  #wake = (): void => {}
  #over = false

  constructor(socket: TLSSocket) {
    this.socket = socket
    socket.on('data', (chunk: Buffer) => {
      this.#text += chunk.toString('latin1')
      this.#wake()
    })
    socket.on('close', () => {
      this.#over = true
      this.#wake()
    })
  }

  /** Sends a request and reads its answer. */
  async ask(request: string): Promise<RawAnswer> {
    this.socket.write(Buffer.from(request, 'latin1'))
    return await this.answer(request.startsWith('HEAD '))
  }

  async answer(isHead = false): Promise<RawAnswer> {
    const head = await this.#through('\r\n\r\n')
    const length = Number(/^content-length: (\d+)$/im.exec(head)?.[1] ?? 0)
    if (/^transfer-encoding: chunked$/im.test(head) && !isHead) return { head, body: await this.#chunks() }
    const bodyless = isHead || /^HTTP\/1\.1 (?:1\d\d|204|304)/.test(head)
    return { head, body: bodyless ? '' : await this.#next(length) }
  }

  /** All bytes until the other side ends. */
  async rest(): Promise<string> {
    while (!this.#over) await this.#more()
    return this.#text
  }

  async #chunks(): Promise<string> {
    let body = ''
    for (;;) {
      const size = Number.parseInt(await this.#through('\r\n'), 16)
      body += (await this.#next(size + 2)).slice(0, -2)
      if (size === 0) return body
    }
  }

  async #through(mark: string): Promise<string> {
    while (!this.#text.includes(mark)) await this.#more()
    return await this.#next(this.#text.indexOf(mark) + mark.length)
  }

  async #next(length: number): Promise<string> {
    while (this.#text.length < length) await this.#more()
    const taken = this.#text.slice(0, length)
    this.#text = this.#text.slice(length)
    return taken
  }

  #more(): Promise<void> {
    if (this.#over) throw new Error(`the connection ended behind ${JSON.stringify(this.#text)}`)
    return new Promise((resolve) => {
      this.#wake = resolve
    })
  }
}

export const HOST = 'Host: decoy.test\r\n'
export const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
export const ACCEPT = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='

/** The head of an upgrade as browsers send it. */
export function upgradeRequest(target: string, more = ''): string {
  return `GET ${target} HTTP/1.1\r\n${HOST}Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Version: 13\r\n${more}Sec-WebSocket-Key: ${KEY}\r\n\r\n`
}
