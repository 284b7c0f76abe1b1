/** The seeds and logs of a mix that draws delays, through epochs and restarts, until each is revealed. */
import {
  createReadStream,
  createWriteStream,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { join } from 'node:path'
import { pipeline } from 'node:stream/promises'
import { AivError, equal } from '../../core/index.ts'
import { type Ecvrf, type Ed25519KeyPair, erase } from '../../crypto/index.ts'
import { type DelaySeed, proveDelaySeed } from './epoch-seed.ts'
import { DelayLog } from './log/delay-log.ts'
import { LeafFile } from './log/leaf-store.ts'
import { signReveal } from './log/reveal.ts'
import { sealInThread } from './log/seal-thread.ts'

const RANDOM_FILE = 'shared-random'
const LINES_FILE = 'lines'
const SORTED_FILE = 'sorted'
const EPOCH_NAME = /^(?:0|[1-9]\d{0,15})$/

export interface DelayEpochsOptions {
  readonly vrf: Ecvrf
  /** 32-byte seed of the mix's VRF key; copied. */
  readonly vrfSeed: Uint8Array
  readonly identity: Ed25519KeyPair
  /** Id of the mix, 32 bytes. */
  readonly node: Uint8Array
  /** Theirs alone; one process at a time. */
  readonly folder: string
  /** Packets of one epoch that may be logged, 72 bytes each on the disk. */
  readonly mostLeaves: number
}

/** What a mix needs while an epoch's key is alive. */
export interface EpochDelays {
  readonly seed: DelaySeed
  readonly log: DelayLog
}

interface OpenEpoch extends EpochDelays {
  readonly sharedRandom: Uint8Array
  readonly lines: LeafFile
}

/** Epochs are those of mix keys: a packet belongs to the epoch of the key that opened it. */
export class DelayEpochs {
  readonly #options: DelayEpochsOptions
  readonly #vrfSeed: Uint8Array
  readonly #open = new Map<number, OpenEpoch>()

  /** Goes on with the epochs that an earlier process had not revealed. */
  constructor(options: DelayEpochsOptions) {
    this.#options = options
    this.#vrfSeed = options.vrfSeed.slice()
    mkdirSync(options.folder, { recursive: true, mode: 0o700 })
    for (const name of readdirSync(options.folder)) if (EPOCH_NAME.test(name)) this.#resume(Number(name))
  }

  /** Epochs that are not revealed yet, in order. */
  get epochs(): readonly number[] {
    return [...this.#open.keys()].toSorted((a, b) => a - b)
  }

  /**
   * The seed and log of an epoch; the same every time.
   * @throws AivError `E_INPUT` for another random value than before: two seeds for one epoch would let a mix choose
   */
  begin(epoch: number, sharedRandom: Uint8Array): EpochDelays {
    const known = this.#open.get(epoch)
    if (known !== undefined) {
      if (!equal(known.sharedRandom, sharedRandom))
        throw new AivError('E_INPUT', `epoch ${epoch} has another shared random value already`)
      return known
    }
    const { node, vrf } = this.#options
    const seed = proveDelaySeed(vrf, this.#vrfSeed, { epoch, sharedRandom, node })
    const folder = this.#folderOf(epoch)
    mkdirSync(folder, { recursive: true, mode: 0o700 })
    const file = join(folder, RANDOM_FILE)
    writeFileSync(`${file}.part`, sharedRandom, { mode: 0o600, flush: true })
    renameSync(`${file}.part`, file)
    return this.#enter(epoch, sharedRandom.slice(), seed)
  }

  /** Hands the lines of all logs to the disk; see `DelayLog.flush`. */
  flush(): void {
    for (const { log } of this.#open.values()) log.flush()
  }

  /** Epochs whose keys, and those of the epoch after, are over: time to reveal them. */
  due(currentEpoch: number): readonly number[] {
    return this.epochs.filter((epoch) => epoch + 1 < currentEpoch)
  }

  /**
   * Writes the document of an epoch and forgets the epoch. The file is there wholly or not at all.
   * @param currentEpoch by the clock
   * @throws AivError `E_USAGE` when the epoch is not over for long enough, `E_IO`
   */
  async reveal(epoch: number, currentEpoch: number, file: string): Promise<void> {
    const open = this.#open.get(epoch)
    // A seed that is public while packets of its epoch may still come lets the node before the mix compute delays.
    if (open === undefined || !this.due(currentEpoch).includes(epoch))
      throw new AivError('E_USAGE', `epoch ${epoch} is not to be revealed now`)
    const { identity, node } = this.#options
    const { seed, log, lines } = open
    log.end()
    lines.close()
    const folder = this.#folderOf(epoch)
    const sorted = join(folder, SORTED_FILE)
    const summary = await sealInThread({ file: join(folder, LINES_FILE), out: sorted })
    const part = `${file}.part`
    writeFileSync(part, signReveal(identity, { node, epoch, seed, ...summary }))
    await pipeline(createReadStream(sorted), createWriteStream(part, { flags: 'a', flush: true }))
    renameSync(part, file)
    this.#forget(epoch, open)
  }

  /** Erases all seeds; logs stay on the disk for the next process. */
  close(): void {
    this.flush()
    for (const { seed, lines } of this.#open.values()) {
      erase(seed.beta, seed.proof)
      lines.close()
    }
    this.#open.clear()
    erase(this.#vrfSeed)
  }

  #resume(epoch: number): void {
    let sharedRandom: Uint8Array
    try {
      sharedRandom = readFileSync(join(this.#folderOf(epoch), RANDOM_FILE))
    } catch {
      // The process ended before the epoch began: nothing was drawn.
      rmSync(this.#folderOf(epoch), { recursive: true, force: true })
      return
    }
    const { node, vrf } = this.#options
    this.#enter(epoch, sharedRandom, proveDelaySeed(vrf, this.#vrfSeed, { epoch, sharedRandom, node }))
  }

  #enter(epoch: number, sharedRandom: Uint8Array, seed: DelaySeed): OpenEpoch {
    const lines = new LeafFile(join(this.#folderOf(epoch), LINES_FILE))
    const open = { sharedRandom, seed, lines, log: new DelayLog(lines, this.#options.mostLeaves) }
    this.#open.set(epoch, open)
    return open
  }

  #forget(epoch: number, { seed, log }: OpenEpoch): void {
    erase(seed.beta, seed.proof)
    log.discard()
    rmSync(this.#folderOf(epoch), { recursive: true, force: true })
    this.#open.delete(epoch)
  }

  #folderOf(epoch: number): string {
    return join(this.#options.folder, `${epoch}`)
  }
}
