/** A process that logs delays until it is killed: it says after each flush how many lines it wrote. */
import { SeededRandom } from '../../src/lib/core/index.ts'
import { ed25519, loadEcvrf } from '../../src/lib/crypto/index.ts'
import { DelayEpochs } from '../../src/lib/mix/delay/index.ts'

const [folder = ''] = process.argv.slice(2)
const random = new SeededRandom(1)
const epochs = new DelayEpochs({
  vrf: await loadEcvrf(),
  vrfSeed: new Uint8Array(32).fill(5),
  identity: ed25519.fromSeed(new Uint8Array(32).fill(6)),
  node: new Uint8Array(32).fill(7),
  folder,
  mostLeaves: 1_000_000,
})
const { log } = epochs.begin(9, new Uint8Array(32).fill(8))
for (;;) {
  for (let i = 0; i < 30; i++) log.append(random.bytes(32), { delayUs: 1, arrivedUs: 1, releasedUs: 2 })
  epochs.flush()
  process.stdout.write(`${log.count}\n`)
  await new Promise((resolve) => setImmediate(resolve))
}
