/** Measurements of forwards over TCP: what they add to an answer, and how fast a SOCKS proxy opens connections. */
import { percentiles } from '../../bench/index.ts'
import { FORWARD_ROUND_TRIPS, SOCKS_AT_ONCE, SOCKS_CONNECTIONS } from './constants.ts'
import type { Measurement } from './measurement.ts'

const TRANSPORT = 'echo.forward'

export const forwardRoundTrips: Measurement = {
  name: 'forward.added',
  unit: 'ms',
  link: 'tcp',
  processes: 2,
  quote: 'p50',
  async start(workers) {
    const listener = workers.start()
    const dialler = workers.start()
    const address = await listener.call('listen', { transport: TRANSPORT })
    return async () => {
      const { direct, forwarded } = await dialler.call('forwardTimes', {
        address,
        count: FORWARD_ROUND_TRIPS,
      })
      const plain = percentiles(direct).p50
      return {
        values: forwarded.map((ms) => ms - plain),
        fields: { directP50: plain, forwardedP50: percentiles(forwarded).p50 },
      }
    }
  },
}

export const socksConnections: Measurement = {
  name: 'socks.connections',
  unit: '/s',
  link: 'tcp',
  processes: 2,
  quote: 'p50',
  async start(workers) {
    const listener = workers.start()
    const dialler = workers.start()
    const address = await listener.call('listen', { transport: TRANSPORT })
    const request = { address, count: SOCKS_CONNECTIONS, atOnce: SOCKS_AT_ONCE }
    return async () => ({ values: [await dialler.call('socksRate', request)] })
  },
}
