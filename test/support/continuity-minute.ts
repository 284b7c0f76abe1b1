/** A bulk transfer and a chat through TCP links that are reset every second: for the night, and without a test runner. */
import { once } from 'node:events'
import { type AddressInfo, connect, createServer, type Socket } from 'node:net'
import { systemClock } from '../../src/lib/core/index.ts'
import { parseAddress } from '../../src/lib/htx/address.ts'
import {
  acceptService,
  Connector,
  echoService,
  formatAddress,
  listen,
  RESUME_SERVICE,
  ResumeAcceptor,
} from '../../src/lib/htx/index.ts'
import { type ContinuityRun, runThroughCuts } from './continuity-run.ts'

const CUT_EVERY_MS = 1000

/** @throws Error when what came back is not what was sent */
export async function runThroughCutsFor(seconds: number): Promise<ContinuityRun & { readonly cuts: number }> {
  const clock = systemClock
  const acceptor = new ResumeAcceptor({ clock, services: { echo: echoService } })
  const services = { [RESUME_SERVICE]: acceptor.service }
  const listener = await listen('htx+tcp://127.0.0.1:0', {
    onStream: (stream, session) => void acceptService(stream, session, { clock, services }),
    admission: { bucket: { capacity: 1000, refillPerSecond: 100 } },
  })
  const sockets = new Set<Socket>()
  const proxy = createServer((near) => {
    const far = connect(listener.port, '127.0.0.1')
    for (const [from, to] of [
      [near, far],
      [far, near],
    ] as const) {
      sockets.add(from)
      from.on('error', () => to.destroy())
      from.on('close', () => sockets.delete(from))
      from.pipe(to)
    }
  }).listen(0, '127.0.0.1')
  await once(proxy, 'listening')
  const { port } = proxy.address() as AddressInfo
  const connector = new Connector([formatAddress({ ...parseAddress(listener.address, 'connect'), port })], {
    retries: 1000,
  })
  let cuts = 0
  let isOver = false
  const cutting = setInterval(() => {
    if (sockets.size > 0) cuts++
    for (const socket of sockets) socket.resetAndDestroy()
  }, CUT_EVERY_MS)
  setTimeout(() => {
    isOver = true
    clearInterval(cutting)
  }, seconds * 1000)
  try {
    return { ...(await runThroughCuts(connector, () => isOver)), cuts }
  } finally {
    clearInterval(cutting)
    await connector.close()
    acceptor.close()
    proxy.close()
    await listener.close(0)
  }
}
