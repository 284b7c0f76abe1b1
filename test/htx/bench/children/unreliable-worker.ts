/** A worker whose transports damage what they carry. */
import { connect, createServer } from 'node:net'
import {
  type BulkSink,
  type BulkTransport,
  nodeSink,
  receiveFrom,
  serveWorker,
} from '../../../../src/lib/htx/bench/index.ts'

type Damage = (sink: BulkSink) => BulkSink

function overTcp(damage: Damage): BulkTransport {
  return {
    listen: (accept) =>
      new Promise((resolve) => {
        const server = createServer((socket) => receiveFrom(socket, accept()))
        server.listen(0, '127.0.0.1', () => resolve(String((server.address() as { port: number }).port)))
      }),
    dial: async (address) => {
      const socket = connect(Number(address), '127.0.0.1')
      return { open: async () => damage(nodeSink(socket)), close: async () => void socket.destroy() }
    },
  }
}

const nothing: Damage = (sink) => sink

const flipsOneBit: Damage = (sink) => {
  let written = 0
  return {
    write(chunk) {
      written++
      const sent = chunk.slice()
      if (written === 20) sent[1000] = (sent[1000] as number) ^ 0x10
      return sink.write(sent)
    },
    end: () => sink.end(),
  }
}

/** Nothing but the count can show this one. */
const losesTheEnd: Damage = (sink) => {
  let written = 0
  return {
    write: (chunk) => (++written > 20 ? undefined : sink.write(chunk)),
    end: () => sink.end(),
  }
}

const dies: Damage = () => process.exit(7)

serveWorker({
  reliable: async () => overTcp(nothing),
  'flips-one-bit': async () => overTcp(flipsOneBit),
  'loses-the-end': async () => overTcp(losesTheEnd),
  dies: async () => overTcp(dies),
})
