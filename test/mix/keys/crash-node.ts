/**
 * The process that crash.test.ts kills: takes packets of a pool again and again and reports the place of each that it
 * forwards. Arguments: folder, seed, and `early` for a node that forwards before its replay log is written.
 */
import { ManualClock, SeededRandom, systemClock } from '../../../src/lib/core/index.ts'
import { type AcceptingKey, MixKeyRing, machineRunId } from '../../../src/lib/mix/keys/index.ts'
import { tagBlock, tagOf } from '../replay/tags.ts'

const POOL = 20_000
const BATCH = 40

const [folder, seed, mode] = process.argv.slice(2) as [string, string, string]
const random = new SeededRandom(Number(seed))
const ring = await MixKeyRing.open({
  folder,
  // Always the same epoch: a new key would know none of the packets.
  clock: new ManualClock(),
  random,
  workers: 1,
  filter: { bytes: 2 ** 20, journalTags: 4096 },
  log: { durability: Number(seed) % 2 === 0 ? 'power' : 'process' },
  bootId: await machineRunId(),
})
const { lost } = await ring.advance()
if (lost.length > 0) process.stdout.write(`lost ${JSON.stringify(lost)}\n`)
const { epoch, filter } = ring.accepting[0] as AcceptingKey
const tags = tagBlock(99, POOL)
let waiting: { readonly index: number; readonly ticket: number }[] = []
for (;;) {
  for (let i = 0; i < BATCH; i++) {
    const index = random.below(POOL)
    if (filter.insert(tagOf(tags, index)) === 'new') waiting.push({ index, ticket: filter.ticket })
  }
  const isDue = ({ ticket }: { ticket: number }): boolean =>
    mode === 'early' || ring.isDurable(epoch, 0, ticket)
  const forwarded = waiting.filter(isDue).map(({ index }) => `${index}\n`)
  waiting = waiting.filter((packet) => !isDue(packet))
  process.stdout.write(forwarded.join(''))
  if (mode !== 'early') ring.poke(systemClock.now())
  await new Promise((resolve) => setTimeout(resolve, 1))
}
