/**
 * The long version of test/htx/endpoint/accept/probing.test.ts: a real listener, real connections, real time. Each class
 * of probes is sent by so many connections at once; after four minutes their ends are compared. A difference ends the
 * script with exit code 1.
 *
 *     ulimit -n 20000; node scripts/nightly-probing.ts [--probes 500]
 */
import { once } from 'node:events'
import { connect } from 'node:net'
import { parseArgs } from 'node:util'
import { SeededRandom, systemClock } from '../src/lib/core/index.ts'
import { systemRandom } from '../src/lib/crypto/index.ts'
import { parseAddress } from '../src/lib/htx/address.ts'
import { localHello } from '../src/lib/htx/endpoint/local-hello.ts'
import { Initiator } from '../src/lib/htx/handshake/index.ts'
import { listen } from '../src/lib/htx/index.ts'
import { createIdentity } from '../src/lib/identity/index.ts'
import { CROWD, differences, type Observation, probeClasses } from '../test/support/probing.ts'

/** Nothing may be open longer than the longest time-out of a listener. */
const LAST_MS = 220_000

const { values } = parseArgs({ options: { probes: { type: 'string', default: '500' } } })
const perClass = Number(values.probes)
const listener = await listen('htx+tcp://127.0.0.1:0', {
  identity: createIdentity(systemRandom, systemClock),
  admission: CROWD,
})

const prober = createIdentity(systemRandom, systemClock)
const remoteStatic = parseAddress(listener.address, 'connect').x
if (remoteStatic === undefined) throw new Error('the address has no key')

/** A genuine message 1, another one each time. */
const flight = (): Uint8Array =>
  new Initiator({
    suite: 2,
    link: 'tcp',
    hello: localHello(),
    clock: systemClock,
    random: systemRandom,
    staticKey: prober.noise,
    certificate: prober.certificate,
    remoteStatic,
  }).start()

/** Sends a probe and watches until the listener ends the connection. */
async function probe(bytes: Uint8Array): Promise<Observation> {
  const socket = connect({ port: listener.port, host: '127.0.0.1', allowHalfOpen: true })
  let received = 0
  let end: Observation['end'] = 'none'
  socket.on('data', (chunk: Buffer) => {
    received += chunk.length
  })
  socket.on('end', () => {
    end = 'end'
    socket.end()
  })
  socket.on('error', () => {
    end = 'reset'
  })
  const started = systemClock.now()
  if (bytes.length > 0) socket.write(bytes)
  const cancel = systemClock.schedule(LAST_MS, () => socket.destroy())
  await once(socket, 'close').catch(() => {})
  cancel()
  return { bytes: received, end, ms: systemClock.now() - started }
}

const used = flight()
const first = connect({ port: listener.port, host: '127.0.0.1' })
first.write(used)
await once(first, 'data')
first.destroy()

const random = new SeededRandom(Math.trunc(systemClock.wallMs()) % 2 ** 31)
const classes = probeClasses(flight, used)
const observed = new Map<string, Observation[]>()
const running: Promise<unknown>[] = []
for (let index = 0; index < perClass; index++)
  for (const [name, make] of Object.entries(classes)) {
    const all = observed.get(name) ?? []
    observed.set(name, all)
    running.push(probe(make(random, index)).then((observation) => all.push(observation)))
    // A trickle: all at once would only measure the backlog of the kernel.
    if (running.length % 50 === 0) await new Promise((resolve) => setTimeout(resolve, 5))
  }
process.stdout.write(`${running.length} probes of ${observed.size} classes are out\n`)
await Promise.all(running)
for (const [name, all] of observed) {
  const times = all.map(({ ms }) => ms / 1000)
  process.stdout.write(`${name}: ${Math.min(...times).toFixed(1)} to ${Math.max(...times).toFixed(1)} s\n`)
}
const found = differences(observed)
for (const difference of found) process.stdout.write(`DIFFERENT ${difference}\n`)
process.stdout.write(found.length === 0 ? 'nothing tells them apart\n' : '')
process.exit(found.length === 0 ? 0 : 1)
