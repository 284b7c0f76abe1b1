/** A listener whose every byte is a test's decision; it knows the handshake and keeps none of its rules. */
import { ManualClock, SeededRandom } from '../../../src/lib/core/index.ts'
import { formatAddress } from '../../../src/lib/htx/address.ts'
import { localHello } from '../../../src/lib/htx/endpoint/local-hello.ts'
import { Responder, type ResponderOptions } from '../../../src/lib/htx/handshake/index.ts'
import type { Identity } from '../../../src/lib/identity/index.ts'
import { listenRaw, Probe, SERVER, START_MS, until } from './endpoints.ts'

export interface HandListenerOptions {
  readonly identity?: Identity
  /** Shown in message 2 in place of the identity's own. */
  readonly certificate?: Uint8Array
  /** What the address says, where it lies. */
  readonly address?: { readonly peer?: string; readonly x?: Uint8Array | undefined; readonly query?: string }
  readonly more?: Partial<ResponderOptions>
}

export class HandListener {
  /** Of every client, in order. */
  readonly probes: Probe[] = []
  readonly responders: Responder[] = []
  readonly address: string
  readonly #options: HandListenerOptions

  private constructor(where: string, options: HandListenerOptions) {
    const { identity = SERVER, address = {} } = options
    const [host, port] = where.split(':') as [string, string]
    const text = formatAddress({
      scheme: 'htx+mem',
      peer: address.peer ?? identity.peer,
      host,
      port: Number(port),
      path: undefined,
      x: 'x' in address ? address.x : identity.noise.publicKey,
      bind: undefined,
      suite: undefined,
    })
    this.address =
      address.query === undefined ? text : `${text}${text.includes('?') ? '&' : '?'}${address.query}`
    this.#options = options
  }

  static async start(options: HandListenerOptions = {}): Promise<HandListener> {
    const taken: ((probe: Probe) => void)[] = []
    const { where } = await listenRaw((link) => {
      const probe = new Probe(link)
      for (const take of taken) take(probe)
    })
    const listener = new HandListener(where, options)
    taken.push((probe) => listener.probes.push(probe))
    return listener
  }

  /** Waits for message 1 of client `index`; its body. */
  async message1(index = 0): Promise<Uint8Array> {
    await until(() => bodyIn(this.probes[index]?.received) !== undefined, 'message 1')
    return bodyIn(this.probes[index]?.received) as Uint8Array
  }

  /** Answers client `index` with a message 2 that only the options may spoil. @returns bytes that came with message 1 */
  async answer(index = 0): Promise<number> {
    const body = await this.message1(index)
    const { identity = SERVER, certificate, more } = this.#options
    const responder = new Responder({
      link: 'memory',
      hello: localHello(),
      clock: new ManualClock(START_MS),
      random: new SeededRandom(77),
      staticKey: identity.noise,
      certificate: certificate ?? identity.certificate,
      pq: 'prefer',
      firstContact: true,
      ...more,
    })
    this.responders[index] = responder
    if (responder.inspect(body) === undefined || !responder.open())
      throw new Error('message 1 is not acceptable')
    this.write(responder.reply().message2, index)
    return this.probes[index]?.bytes as number
  }

  write(bytes: Uint8Array, index = 0): void {
    this.probes[index]?.link.write([bytes])
  }
}

function bodyIn(bytes: Uint8Array | undefined): Uint8Array | undefined {
  if (bytes === undefined || bytes.length < 2) return undefined
  const length = ((bytes[0] as number) << 8) | (bytes[1] as number)
  return bytes.length < 2 + length ? undefined : bytes.subarray(2, 2 + length)
}
