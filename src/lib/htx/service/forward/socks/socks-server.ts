/** A SOCKS5 server (RFC 1928) whose connections are carried to the peer: CONNECT and UDP ASSOCIATE, names unresolved. */
import type { Socket } from 'node:net'
import { isAivError, type TimerClock } from '../../../../core/index.ts'
import { ByteReader } from '../../byte-reader.ts'
import { ASSOCIATIONS_MOST, SOCKS_LINGER_MS, SOCKS_NEGOTIATION_MS } from '../constants.ts'
import { dropConnection } from '../drop-connection.ts'
import { carry } from '../opening/local-forward.ts'
import { type LocalEndpoint, type LocalListener, listenLocally } from '../opening/local-listener.ts'
import type { OpenStream } from '../opening/open-stream.ts'
import { PendingOpens } from '../opening/pending-opens.ts'
import { type Target, targetParams } from '../target.ts'
import {
  COMMAND,
  chooseMethod,
  encodeReply,
  GREETING_MOST,
  parseGreeting,
  parseRequest,
  REPLY,
  REQUEST_MOST,
  SocksRefusal,
  type SocksRequest,
} from './messages.ts'
import { PendingFlows } from './pending-flows.ts'
import { replyFor } from './reply-for.ts'
import { associate } from './udp-association.ts'

export interface SocksServerOptions {
  readonly open: OpenStream
  readonly listen: LocalEndpoint
  readonly clock: TimerClock
  /** A request that could not be carried. */
  readonly onFailed?: (target: Target, error: Error) => void
}

/** @throws AivError when the port cannot be opened */
export async function socksServer(options: SocksServerOptions): Promise<LocalListener> {
  const pending = new PendingOpens(options.open, options.clock)
  const flows = new PendingFlows(options.open, options.clock)
  const associations = new Associations()
  return await listenLocally(options.listen, (socket, signal) =>
    serve(socket, signal, options, { pending, flows, associations }),
  )
}

/** What the connections of one server share. */
interface Shared {
  readonly pending: PendingOpens
  readonly flows: PendingFlows
  readonly associations: Associations
}

/** Those of one server: each has a port of its own, and the machine has only so many. */
class Associations {
  #count = 0

  async run(...[control, announced, options]: Parameters<typeof associate>): Promise<void> {
    if (this.#count >= ASSOCIATIONS_MOST)
      throw new SocksRefusal(REPLY.generalFailure, 'too many UDP associations')
    this.#count++
    try {
      await associate(control, announced, options)
    } finally {
      this.#count--
    }
  }
}

async function serve(
  socket: Socket,
  signal: AbortSignal,
  options: SocksServerOptions,
  { pending, flows, associations }: Shared,
): Promise<void> {
  const { clock, onFailed } = options
  const request = await negotiate(socket, clock)
  if (request === undefined) return
  const { command, target } = request
  try {
    if (command === COMMAND.udpAssociate) {
      await associations.run(socket, target, {
        open: flows.until(signal),
        clock,
        ...(onFailed === undefined ? {} : { onFailed }),
      })
      return
    }
    if (command !== COMMAND.connect) throw new SocksRefusal(REPLY.commandNotSupported, 'an unknown command')
    if (target.port === 0) throw new SocksRefusal(REPLY.generalFailure, 'port 0 cannot be reached')
    const stream = await pending.open(socket, 'tcp', targetParams(target), signal)
    socket.write(encodeReply(REPLY.succeeded))
    const lost = await carry(stream, socket)
    if (lost !== undefined && !signal.aborted) onFailed?.(target, lost)
  } catch (error) {
    if (signal.aborted || socket.destroyed) return
    if (!isAivError(error, 'E_ABORTED')) onFailed?.(target, error as Error)
    fail(socket, encodeReply(replyFor(error)), clock)
  }
}

/** What the client asks for; undefined when it has been turned away. A client that stays silent is not waited for. */
async function negotiate(socket: Socket, clock: TimerClock): Promise<SocksRequest | undefined> {
  const cancel = clock.schedule(SOCKS_NEGOTIATION_MS, () => dropConnection(socket))
  const reader = new ByteReader(socket)
  try {
    const { answer, ok } = chooseMethod(await reader.parse(parseGreeting, GREETING_MOST))
    if (!ok) {
      reader.release()
      fail(socket, answer, clock)
      return undefined
    }
    socket.write(answer)
    const request = await reader.parse(parseRequest, REQUEST_MOST)
    reader.release()
    return request
  } catch (error) {
    reader.release()
    if (error instanceof SocksRefusal) fail(socket, encodeReply(error.reply), clock)
    else dropConnection(socket)
    return undefined
  } finally {
    cancel()
  }
}

/** The last words, and time for the client to read them: a reset would overtake them. */
function fail(socket: Socket, answer: Uint8Array, clock: TimerClock): void {
  const cancel = clock.schedule(SOCKS_LINGER_MS, () => socket.destroy())
  socket.once('close', cancel)
  socket.end(answer)
  socket.resume()
}
