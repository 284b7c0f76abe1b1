/**
 * Traces as JSON lines. The first line describes the network; then, in any order, visits at nodes, and what clients
 * send and receive. A packet has another tag on every link, as its bytes look different on every link: the tag with
 * which it leaves one node is that with which it comes to the next.
 *
 *     {"v":1,"trace":"mix","mean_delay_us":33000,"nodes":[{"id":"mix-1","layer":0,"weight":1}]}
 *     {"node":"mix-1","in_us":17,"out_us":35214,"in":"0.0","out":"0.1"}
 *     {"send":"client-1","at_us":17,"kind":"real","out":"0.0"}
 *     {"receive":"client-2","at_us":99821,"kind":"real","in":"0.3"}
 */
import { AivError } from '../../../core/index.ts'
import { HopBuilder } from './hops.ts'
import { type ClientPacket, type MixTrace, PACKET_KINDS, type PacketKind, type TraceNode } from './trace.ts'

const VERSION = 1
const LINE_BYTES_MOST = 1_048_576
/** So many fit into the memory that a process has by default. */
const LINES_MOST = 6_000_000
const NAMES_MOST = 1_000_000
const NAME_LENGTH_MOST = 128
/** Microseconds of about 285 years, where integers end to be exact. */
const TIME_MOST = Number.MAX_SAFE_INTEGER

type Line = Readonly<Record<string, unknown>>

/**
 * Reads a trace.
 * @throws AivError `E_MALFORMED` with the number of the line, `E_TOO_LARGE`
 */
export async function readTrace(chunks: AsyncIterable<Uint8Array>): Promise<MixTrace> {
  const reader = new TraceReader()
  for await (const line of linesOf(chunks)) reader.take(line)
  return reader.finish()
}

async function* linesOf(chunks: AsyncIterable<Uint8Array>): AsyncGenerator<string> {
  const decoder = new TextDecoder()
  let rest = ''
  for await (const chunk of chunks) {
    const lines = (rest + decoder.decode(chunk, { stream: true })).split('\n')
    rest = lines.pop() as string
    yield* lines
    if (rest.length > LINE_BYTES_MOST) throw new AivError('E_TOO_LARGE', 'a line of the trace is too long')
  }
  if (rest !== '') yield rest
}

interface Pending {
  readonly client: number
  readonly atUs: number
  readonly kind: PacketKind
  /** Undefined for what touched no node that was watched. */
  readonly tag: string | undefined
}

class TraceReader {
  #line = 0
  #meanDelayUs: number | undefined
  readonly #nodes: TraceNode[] = []
  readonly #nodeIndex = new Map<string, number>()
  readonly #clientIndex = new Map<string, number>()
  readonly #hops = new HopBuilder()
  readonly #arrivals = new Map<string, number>()
  readonly #departures = new Map<string, number>()
  readonly #sends: Pending[] = []
  readonly #receives: Pending[] = []

  take(text: string): void {
    this.#line++
    if (this.#line > LINES_MOST) throw new AivError('E_TOO_LARGE', `a trace has at most ${LINES_MOST} lines`)
    if (text.trim() === '') return
    const line = this.#parse(text)
    if (this.#nodes.length === 0 && line.trace !== 'mix')
      throw this.#problem('the first line must describe the network')
    if (line.trace !== undefined) this.#head(line)
    else if (line.node !== undefined) this.#visit(line)
    else if (line.send !== undefined) this.#sends.push(this.#packet(line, line.send, line.out))
    else if (line.receive !== undefined) this.#receives.push(this.#packet(line, line.receive, line.in))
    else throw this.#problem('it is no visit, send or receive')
  }

  finish(): MixTrace {
    if (this.#nodes.length === 0) throw new AivError('E_MALFORMED', 'the trace is empty')
    for (const [tag, hop] of this.#arrivals) {
      const previous = this.#departures.get(tag)
      if (previous !== undefined) this.#hops.link(previous, hop)
    }
    const hops = this.#hops.build()
    // Time order also rules out packets that go in circles for ever.
    for (const [hop, from] of hops.previous.entries())
      if (from >= 0 && (hops.outUs[from] as number) > (hops.inUs[hop] as number))
        throw new AivError('E_MALFORMED', 'in the trace a packet arrives before it was sent')
    const found = (pending: Pending, at: ReadonlyMap<string, number>): ClientPacket => {
      const { client, atUs, kind, tag } = pending
      return { client, atUs, kind, hop: tag === undefined ? -1 : (at.get(tag) ?? -1) }
    }
    return {
      nodes: this.#nodes,
      clients: [...this.#clientIndex.keys()],
      meanDelayUs: this.#meanDelayUs,
      hops,
      sends: this.#sends.map((send) => found(send, this.#arrivals)),
      receives: this.#receives.map((receive) => found(receive, this.#departures)),
    }
  }

  #parse(text: string): Line {
    let value: unknown
    try {
      value = JSON.parse(text)
    } catch {
      throw this.#problem('it is no JSON')
    }
    if (typeof value !== 'object' || value === null || Array.isArray(value))
      throw this.#problem('it is no object')
    return value as Line
  }

  #head(line: Line): void {
    if (line.v !== VERSION || line.trace !== 'mix')
      throw this.#problem(`it is no trace of version ${VERSION}`)
    if (this.#nodes.length > 0) throw this.#problem('the network is described twice')
    if (line.mean_delay_us !== undefined) this.#meanDelayUs = this.#time(line.mean_delay_us)
    const { nodes } = line
    if (!Array.isArray(nodes) || nodes.length === 0) throw this.#problem('nodes is no list')
    for (const node of nodes as readonly unknown[]) {
      if (typeof node !== 'object' || node === null) throw this.#problem('a node is no object')
      const { id, layer, weight } = node as Line
      const name = this.#name(id)
      if (this.#nodeIndex.has(name)) throw this.#problem('a node stands twice')
      this.#nodeIndex.set(name, this.#nodes.length)
      this.#nodes.push({
        id: name,
        ...(layer === undefined ? {} : { layer: this.#time(layer) }),
        ...(weight === undefined ? {} : { weight: this.#weight(weight) }),
      })
    }
  }

  #visit(line: Line): void {
    const node = this.#nodeIndex.get(this.#name(line.node))
    if (node === undefined) throw this.#problem('the first line knows no such node')
    const [inUs, outUs] = [this.#time(line.in_us), this.#time(line.out_us)]
    if (outUs <= inUs) throw this.#problem('a packet leaves before it came')
    const [arrival, departure] = [this.#name(line.in), this.#name(line.out)]
    if (this.#arrivals.has(arrival) || this.#departures.has(departure))
      throw this.#problem('a tag stands twice')
    const hop = this.#hops.add(node, inUs, outUs, -1)
    this.#arrivals.set(arrival, hop)
    this.#departures.set(departure, hop)
  }

  #packet(line: Line, who: unknown, tag: unknown): Pending {
    const name = this.#name(who)
    let client = this.#clientIndex.get(name)
    if (client === undefined) {
      client = this.#clientIndex.size
      if (client === NAMES_MOST)
        throw new AivError('E_TOO_LARGE', `a trace has at most ${NAMES_MOST} clients`)
      this.#clientIndex.set(name, client)
    }
    const kind = PACKET_KINDS.find((known) => known === line.kind)
    if (kind === undefined) throw this.#problem(`kind is none of ${PACKET_KINDS.join(', ')}`)
    return {
      client,
      atUs: this.#time(line.at_us),
      kind,
      tag: tag === undefined ? undefined : this.#name(tag),
    }
  }

  #name(value: unknown): string {
    if (typeof value !== 'string' || value === '' || value.length > NAME_LENGTH_MOST)
      throw this.#problem('a name is missing, or longer than 128 characters')
    return value
  }

  #time(value: unknown): number {
    if (!Number.isInteger(value) || (value as number) < 0 || (value as number) > TIME_MOST)
      throw this.#problem('a time is no whole number of microseconds')
    return value as number
  }

  #weight(value: unknown): number {
    if (typeof value !== 'number' || !(value >= 0 && value <= Number.MAX_SAFE_INTEGER))
      throw this.#problem('a weight is no number from 0 up')
    return value
  }

  #problem(reason: string): AivError {
    return new AivError('E_MALFORMED', `line ${this.#line} of the trace: ${reason}`)
  }
}

/** The lines of a trace, without their line ends. */
export function* traceLines(trace: MixTrace): Generator<string> {
  const { hops, nodes, clients, meanDelayUs } = trace
  yield JSON.stringify({
    v: VERSION,
    trace: 'mix',
    ...(meanDelayUs === undefined ? {} : { mean_delay_us: meanDelayUs }),
    nodes,
  })
  // Tags count the links of all packets, so that each is unique and leaves of one node are arrivals of the next.
  const out = (hop: number): string => `${hop}`
  const into = (hop: number): string => {
    const previous = hops.previous[hop] as number
    return previous < 0 ? `in-${hop}` : out(previous)
  }
  for (const { client, atUs, kind, hop } of trace.sends)
    yield JSON.stringify({
      send: clients[client],
      at_us: atUs,
      kind,
      ...(hop < 0 ? {} : { out: into(hop) }),
    })
  for (let hop = 0; hop < hops.count; hop++)
    yield JSON.stringify({
      node: nodes[hops.node[hop] as number]?.id,
      in_us: hops.inUs[hop],
      out_us: hops.outUs[hop],
      in: into(hop),
      out: out(hop),
    })
  for (const { client, atUs, kind, hop } of trace.receives)
    yield JSON.stringify({
      receive: clients[client],
      at_us: atUs,
      kind,
      ...(hop < 0 ? {} : { in: out(hop) }),
    })
}
