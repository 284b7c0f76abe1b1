/**
 * A node in a process of its own, which crash.test.ts kills. It knows one other node, at a port of the test, and prints one
 * line when it runs. Arguments: folder, port of the other node.
 */
import { join } from 'node:path'
import { SeededRandom, systemClock, toHex } from '../../../src/lib/core/index.ts'
import { systemRandom } from '../../../src/lib/crypto/index.ts'
import { createIdentity } from '../../../src/lib/identity/index.ts'
import { byId, checkedDirectory, epochAt, nodeIdOf, signDescriptor } from '../../../src/lib/mix/index.ts'
import { RunningNode } from '../../../src/lib/mix/run/index.ts'
import { makeGeometry } from '../../../src/lib/sphinx/index.ts'

const EPOCH_LENGTH_S = 86_400

const [folder, otherPort] = process.argv.slice(2) as [string, string]
const geometry = makeGeometry()
const identity = createIdentity(new SeededRandom(1), systemClock)
const other = createIdentity(new SeededRandom(2), systemClock)
const node = await RunningNode.start({
  identity,
  endpointIdentity: { identity },
  listen: ['tcp://127.0.0.1:0'],
  role: 'mix',
  geometry,
  workers: 2,
  keyFolder: join(folder, 'keys'),
  epochLengthS: EPOCH_LENGTH_S,
  filter: { bytes: 1 << 20 },
  clock: systemClock,
  random: systemRandom,
  onEvent: (event) => process.stderr.write(event.kind === 'key-lost' ? 'a key was lost\n' : ''),
})
const own = node.descriptor()
const epoch = epochAt(systemClock.wallMs() / 1000, EPOCH_LENGTH_S)
const validity = { validFrom: epoch * EPOCH_LENGTH_S, validUntil: (epoch + 1) * EPOCH_LENGTH_S }
const otherDescriptor = signDescriptor(
  {
    vrfKey: other.vrf.publicKey,
    mixKeys: own.mixKeys,
    addresses: [`tcp://127.0.0.1:${otherPort}`],
    weight: 1,
    role: 'mix',
    delay: own.delay,
    ...validity,
  },
  other.sign,
)
node.setDirectory(
  checkedDirectory({
    version: 1,
    epoch,
    epochLengthS: EPOCH_LENGTH_S,
    ...validity,
    geometry,
    parameters: { hopDelayUs: 1_000, payloadUs: 0, loopUs: 0, dropUs: 0, mixLoopUs: 0 },
    topology: { layers: 2, active: 0 },
    sharedRandom: new Uint8Array(32),
    nodes: [own, otherDescriptor].toSorted(byId),
    signatures: [],
  }),
)
const mixKey = own.mixKeys.find((key) => key.epoch === epoch)?.publicKey as Uint8Array
const ready = {
  port: Number((node.addresses[0] as string).split(':').at(-1)),
  id: toHex(node.id),
  mixKey: toHex(mixKey),
  other: toHex(nodeIdOf(other.sign.publicKey)),
}
process.stdout.write(`${JSON.stringify(ready)}\n`)
