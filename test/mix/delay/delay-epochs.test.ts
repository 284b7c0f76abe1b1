import { spawn } from 'node:child_process'
import { once } from 'node:events'
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { isAllZero, SeededRandom } from '../../../src/lib/core/index.ts'
import { type Ecvrf, ed25519, loadEcvrf } from '../../../src/lib/crypto/index.ts'
import {
  type AuditedMix,
  auditDelays,
  DelayEpochs,
  drawnDelayUs,
  type LoopSample,
} from '../../../src/lib/mix/delay/index.ts'
import {
  createTracedPacket,
  MixKey,
  makeGeometry,
  type PathHop,
  unwrap,
} from '../../../src/lib/sphinx/index.ts'
import { REPOSITORY, temporaryFolder } from '../../support/aiv.ts'
import { piecesOf } from '../../support/delaying-mix.ts'

const EPOCH = 9
const SHARED_RANDOM = new Uint8Array(32).fill(8)
const VRF_SEED = new Uint8Array(32).fill(5)
const NODE = new Uint8Array(32).fill(7)
const identity = ed25519.fromSeed(new Uint8Array(32).fill(6))
const TIMES = { delayUs: 1, arrivedUs: 1, releasedUs: 2 }

let vrf: Ecvrf
beforeAll(async () => {
  vrf = await loadEcvrf()
})

function openEpochs(folder: string, mostLeaves = 1_000_000): DelayEpochs {
  return new DelayEpochs({ vrf, vrfSeed: VRF_SEED, identity, node: NODE, folder, mostLeaves })
}

function mixOf(): AuditedMix {
  return {
    node: NODE,
    identityKey: identity.publicKey,
    vrfKey: vrf.publicKey(VRF_SEED),
    epoch: EPOCH,
    sharedRandom: SHARED_RANDOM,
    mode: 'vrf',
    meanUs: 33_000,
  }
}

describe('the delays of a mix through its epochs', () => {
  it('are those that senders compute from their packets, and pass an audit once they are revealed', async () => {
    const folder = temporaryFolder()
    const epochs = openEpochs(join(folder, 'delays'))
    const { seed, log } = epochs.begin(EPOCH, SHARED_RANDOM)
    const random = new SeededRandom(61)
    const geometry = makeGeometry({})
    const keys = [1, 2, 3].map((fill) => MixKey.fromPrivate(new Uint8Array(32).fill(fill)))
    const recipient = new Uint8Array(32)
    const path: PathHop[] = keys.map(({ publicKey }, i) => ({
      id: NODE,
      publicKey,
      commands: i === 2 ? [{ type: 'recipient', id: recipient }] : [{ type: 'delay', ms: 1 }],
    }))
    const loops: LoopSample[] = []
    for (let n = 0; n < 60; n++) {
      const { packet, taus } = createTracedPacket(
        geometry,
        path,
        new Uint8Array(geometry.payloadBytes),
        random,
      )
      let [bytes, tookUs] = [packet, 0]
      for (const key of keys.slice(0, 2)) {
        const opened = unwrap(geometry, key, bytes)
        if (opened.kind !== 'forward') throw new Error('not forwarded')
        const delayUs = drawnDelayUs(seed.beta, opened.tau, 33_000)
        log.append(opened.tau, { delayUs, arrivedUs: 1e15, releasedUs: 1e15 + delayUs })
        tookUs += delayUs
        bytes = opened.packet
      }
      const hops = taus.slice(0, 2).map((tau) => ({ node: NODE, tau, commandMs: 1 }))
      loops.push({ hops, observedUs: tookUs + 500, linksUs: 0 })
    }
    const file = join(folder, 'reveal.bin')
    await epochs.reveal(EPOCH, EPOCH + 2, file)
    const audit = await auditDelays({
      vrf,
      mixes: [mixOf()],
      reveals: [piecesOf(readFileSync(file))],
      loops,
      slackUs: 1_000,
    })
    expect(audit.mixes).toMatchObject([{ verdict: 'honest', lines: 120, faults: [], returned: 120 }])
    expect(isAllZero(seed.beta) && isAllZero(seed.proof)).toBe(true)
    expect(epochs.epochs).toEqual([])
    expect(readdirSync(join(folder, 'delays'))).toEqual([])
    expect(readdirSync(folder).toSorted()).toEqual(['delays', 'reveal.bin'])
  })

  it('are revealed when the epoch after is over, and not before', async () => {
    const folder = temporaryFolder()
    const epochs = openEpochs(join(folder, 'delays'))
    for (const epoch of [EPOCH + 1, EPOCH]) epochs.begin(epoch, SHARED_RANDOM)
    expect(epochs.epochs).toEqual([EPOCH, EPOCH + 1])
    expect(epochs.due(EPOCH + 1)).toEqual([])
    expect(epochs.due(EPOCH + 2)).toEqual([EPOCH])
    const file = join(folder, 'reveal.bin')
    for (const [epoch, now] of [
      [EPOCH, EPOCH + 1],
      [EPOCH + 1, EPOCH + 2],
      [EPOCH - 1, EPOCH + 2],
    ] as const)
      await expect(epochs.reveal(epoch, now, file)).rejects.toMatchObject({ code: 'E_USAGE' })
    expect(existsSync(file)).toBe(false)
  })

  it('have one seed an epoch, whatever random value is tried next', () => {
    const epochs = openEpochs(temporaryFolder())
    const first = epochs.begin(EPOCH, SHARED_RANDOM)
    expect(epochs.begin(EPOCH, SHARED_RANDOM)).toBe(first)
    expect(() => epochs.begin(EPOCH, NODE)).toThrow(expect.objectContaining({ code: 'E_INPUT' }))
  })

  it('go on after a restart, without the part of a line that a crash left', () => {
    const folder = temporaryFolder()
    const first = openEpochs(folder)
    const { log, seed } = first.begin(EPOCH, SHARED_RANDOM)
    const random = new SeededRandom(62)
    for (let i = 0; i < 100; i++) log.append(random.bytes(32), TIMES)
    const beta = seed.beta.slice()
    first.close()
    expect(isAllZero(seed.beta)).toBe(true)
    appendFileSync(join(folder, `${EPOCH}`, 'lines'), new Uint8Array(71))
    const second = openEpochs(folder)
    expect(second.epochs).toEqual([EPOCH])
    const again = second.begin(EPOCH, SHARED_RANDOM)
    expect(again.seed.beta).toEqual(beta)
    expect(again.log.count).toBe(100)
    expect(() => second.begin(EPOCH, NODE)).toThrow(/another shared random value/)
  })

  it('keep every line that was flushed when the process is killed', async () => {
    const folder = temporaryFolder()
    const script = join(REPOSITORY, 'test/support/logging-mix.ts')
    const child = spawn(process.execPath, [script, folder], { stdio: ['ignore', 'pipe', 'inherit'] })
    let said = ''
    child.stdout.on('data', (chunk: Buffer) => {
      said += chunk.toString()
      if (said.length > 400) child.kill('SIGKILL')
    })
    await once(child, 'close')
    const flushed = Number(said.slice(0, said.lastIndexOf('\n')).split('\n').at(-1))
    expect(flushed).toBeGreaterThan(0)
    expect(openEpochs(folder).begin(EPOCH, SHARED_RANDOM).log.count).toBeGreaterThanOrEqual(flushed)
  })

  it('begin anew where a process ended before the epoch did begin, and leave strange files alone', () => {
    const folder = temporaryFolder()
    mkdirSync(join(folder, '12'))
    writeFileSync(join(folder, 'notes.txt'), 'mine')
    mkdirSync(join(folder, '012'))
    expect(openEpochs(folder).epochs).toEqual([])
    expect(readdirSync(folder).toSorted()).toEqual(['012', 'notes.txt'])
  })

  it('are for their owner only', () => {
    const folder = join(temporaryFolder(), 'delays')
    openEpochs(folder).begin(EPOCH, SHARED_RANDOM)
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(statSync(join(folder, `${EPOCH}`, 'shared-random')).mode & 0o777).toBe(0o600)
  })

  it('say when the log is full, also of lines from before a restart', () => {
    const folder = temporaryFolder()
    const { log } = openEpochs(folder, 2).begin(EPOCH, SHARED_RANDOM)
    for (const fill of [1, 2]) log.append(new Uint8Array(32).fill(fill), TIMES)
    log.flush()
    expect(openEpochs(folder, 2).begin(EPOCH, SHARED_RANDOM).log.isFull).toBe(true)
  })
})
