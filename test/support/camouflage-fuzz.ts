/** Hostile frames, answers and requests against the readers of the camouflaged link. */
import { isAivError, SeededRandom, toHex, utf8 } from '../../src/lib/core/index.ts'
import { parseResponseHead } from '../../src/lib/htx/camouflage/browser/http1/response-head.ts'
import { findCandidates } from '../../src/lib/htx/camouflage/site/candidates.ts'
import { FrameDecoder } from '../../src/lib/htx/camouflage/websocket/frame-decoder.ts'
import { clientFrame } from '../link/websocket-frames.ts'
import { mutate } from './session-mutation.ts'

const OPCODES = [0, 2, 2, 2, 8, 9, 10]

/** A few frames of a client, as they are or changed, in pieces of any size. */
export function fuzzFrames(seed: number): void {
  const random = new SeededRandom(seed)
  const frames = Array.from({ length: 1 + random.below(4) }, () =>
    clientFrame(OPCODES[random.below(OPCODES.length)] as number, random.bytes(random.below(200)), {
      fin: random.below(4) > 0,
    }),
  )
  const whole = Uint8Array.from(frames.flatMap((frame) => [...frame]))
  const wire = random.below(3) === 0 ? whole : mutate(random, whole)
  let given = 0
  const decoder = new FrameDecoder('client', {
    data: (bytes) => {
      given += bytes.length
    },
    emptyMessage: () => {},
    ping: (payload) => {
      if (payload.length > 125) throw new Error(`a ping of ${payload.length} bytes`)
    },
    close: () => {},
  })
  typed(wire, 'E_MALFORMED', () => {
    for (let at = 0; at < wire.length; ) {
      const size = 1 + random.below(50)
      decoder.push(wire.slice(at, at + size))
      at += size
    }
  })
  if (given > wire.length) throw new Error(`more came out than went in: ${toHex(wire)}`)
}

const HEADS = [
  'HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: x',
  'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nSet-Cookie: __Host-s=abc; Path=/; Secure',
  'HTTP/1.0 404 \r\nTransfer-Encoding: chunked\r\nA:\r\nB:  c  ',
].map((head) => utf8(head))

/** The head of a site's answer. */
export function fuzzResponseHead(seed: number): void {
  const random = new SeededRandom(seed)
  const head = mutate(random, HEADS[random.below(HEADS.length)] as Uint8Array)
  typed(head, 'E_HANDSHAKE', () => parseResponseHead(head))
}

const TICKET = Buffer.from(new SeededRandom(1).bytes(150)).toString('base64url')
const REQUESTS = [
  `/feed?bn1=${TICKET}`,
  `/feed?a=b&bn1=${TICKET}&c`,
  `__Host-bn1=${TICKET}; __Host-s=abc`,
  `a=b;__Host-bn1="${TICKET}"; c`,
].map((text) => utf8(text))

/** The places of tickets in a request: never an error, and never two tickets. */
export function fuzzTicketPlaces(seed: number): void {
  const random = new SeededRandom(seed)
  const [target, cookie, form] = Array.from({ length: 3 }, () =>
    mutate(random, REQUESTS[random.below(REQUESTS.length)] as Uint8Array),
  ) as [Uint8Array, Uint8Array, Uint8Array]
  const { count, ticket } = findCandidates({
    target: Buffer.from(target).toString('latin1'),
    fields: [['Cookie', Buffer.from(cookie).toString('latin1')]],
    form: random.below(2) === 0 ? undefined : form,
    cookieName: '__Host-bn1',
  })
  if (ticket !== undefined && count !== 1) throw new Error(`a ticket among ${count}: ${toHex(target)}`)
}

function typed(input: Uint8Array, code: 'E_MALFORMED' | 'E_HANDSHAKE', read: () => unknown): void {
  try {
    read()
  } catch (error) {
    if (!isAivError(error, code))
      throw new Error(`an error without its type: ${toHex(input)}`, { cause: error })
  }
}
