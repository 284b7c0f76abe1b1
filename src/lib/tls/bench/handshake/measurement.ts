/**
 * What our handshake costs beside that of `node:tls`: both connect in turns to one server in another process, from dialling
 * to the last message of the handshake, without resumption.
 */
import { fork } from 'node:child_process'
import { once } from 'node:events'
import { connect } from 'node:tls'
import { fileURLToPath } from 'node:url'
import { median } from '../../../bench/index.ts'
import { AivError, type TimerClock } from '../../../core/index.ts'
import { HelloBuilder } from '../../browser/build/build-hello.ts'
import { parseRoots } from '../../certificate/roots/load-roots.ts'
import { connectTls } from '../../client/connect-tls.ts'
import { HANDSHAKES, HANDSHAKES_WARM_UP } from '../constants.ts'
import type { Measurement } from '../measurement.ts'
import { SAMPLE_HOST, sampleTemplate } from '../sample-hellos.ts'

/** What the server's process says when it is ready. */
export interface ServerReport {
  readonly port: number
  /** PEM. */
  readonly cert: string
}

const LOOPBACK = '127.0.0.1'
/** Runs from the sources (Node strips types) as well as compiled; the suffix of this module says which. */
const SERVER = new URL(
  import.meta.url.endsWith('.ts') ? './server-process.ts' : './server-process.js',
  import.meta.url,
)

export const handshakeOverhead: Measurement = {
  name: 'handshake.overhead',
  unit: 'ms',
  processes: 2,
  quote: 'p50',
  async start({ clock, signal }) {
    const { port, cert } = await startServer(signal)
    const builder = new HelloBuilder(sampleTemplate())
    const roots = parseRoots(cert)
    const own = async (): Promise<void> => {
      const { stream } = await connectTls({
        host: LOOPBACK,
        port,
        serverName: SAMPLE_HOST,
        builder,
        roots,
        clock,
        signal,
      })
      stream.destroy()
    }
    const nodes = async (): Promise<void> => {
      const socket = connect({
        host: LOOPBACK,
        port,
        servername: SAMPLE_HOST,
        ca: cert,
        ALPNProtocols: ['h2', 'http/1.1'],
      })
      await once(socket, 'secureConnect', { signal })
      socket.destroy()
    }
    const coldMs = await timeOf(clock, own)
    return async () => {
      const times: { readonly own: number[]; readonly node: number[] } = { own: [], node: [] }
      for (let count = 0; count < HANDSHAKES_WARM_UP + HANDSHAKES; count++) {
        const [ownMs, nodeMs] = [await timeOf(clock, own), await timeOf(clock, nodes)]
        if (count < HANDSHAKES_WARM_UP) continue
        times.own.push(ownMs)
        times.node.push(nodeMs)
      }
      const [ownMs, nodeMs] = [median(times.own), median(times.node)]
      return { values: [ownMs - nodeMs], fields: { ownMs, nodeMs, coldMs } }
    }
  },
}

/** It ends with this process, or with the signal. */
async function startServer(signal: AbortSignal): Promise<ServerReport> {
  const child = fork(fileURLToPath(SERVER), [SAMPLE_HOST], {
    execArgv: [],
    stdio: ['ignore', 'ignore', 'inherit', 'ipc'],
    killSignal: 'SIGKILL',
    signal,
  })
  const report = await Promise.race([
    once(child, 'message').then(([message]) => message as ServerReport),
    once(child, 'exit').then(([code]) => {
      throw new AivError('E_INTERNAL', `the process that is connected to ended with exit code ${code}`)
    }),
  ])
  // The measurements that follow end with the process, whether it lives or not.
  child.unref()
  child.channel?.unref()
  return report
}

async function timeOf(clock: TimerClock, work: () => Promise<void>): Promise<number> {
  const startedAt = clock.now()
  await work()
  return clock.now() - startedAt
}
