/** The delays that a running node draws: a seed for each key epoch, a line for each packet, a document when it is over. */
import { join } from 'node:path'
import type { Clock } from '../../core/index.ts'
import { loadEcvrf } from '../../crypto/index.ts'
import type { Identity } from '../../identity/index.ts'
import { DelayEpochs, type EpochDelays, MOST_DELAY_LOG_LEAVES } from '../delay/index.ts'
import type { DrawnDelays } from '../node/node-core.ts'
import type { EpochDelay } from '../node/worker/protocol.ts'

export interface DrawingOptions {
  readonly mode: 'vrf' | 'hybrid'
  /** 1/mu. */
  readonly meanUs: number
  readonly identity: Identity
  /** Node id, 32 bytes. */
  readonly node: Uint8Array
  /** Seeds, logs and what was revealed. */
  readonly folder: string
  /** Packets of one epoch; fewer than a replay filter takes unless given. */
  readonly mostLeaves?: number | undefined
  readonly clock: Clock
}

export class Drawing implements DrawnDelays {
  readonly #options: DrawingOptions
  readonly #epochs: DelayEpochs
  readonly #begun = new Map<number, EpochDelays>()

  private constructor(options: DrawingOptions, epochs: DelayEpochs) {
    this.#options = options
    this.#epochs = epochs
  }

  /** @throws what the folder's file system says */
  static async open(options: DrawingOptions): Promise<Drawing> {
    const { identity, node, folder, mostLeaves = MOST_DELAY_LOG_LEAVES } = options
    const vrf = await loadEcvrf()
    const epochs = new DelayEpochs({
      vrf,
      vrfSeed: identity.vrf.seed,
      identity: identity.sign,
      node,
      folder,
      mostLeaves,
    })
    return new Drawing(options, epochs)
  }

  /**
   * Takes the random value of an epoch, after which its packets can be opened.
   * @throws AivError `E_INPUT` for another value than before
   */
  begin(epoch: number, sharedRandom: Uint8Array): void {
    this.#begun.set(epoch, this.#epochs.begin(epoch, sharedRandom))
  }

  /** How workers draw; undefined while the epoch's random value is not known. */
  delayOf(epoch: number): EpochDelay | undefined {
    const begun = this.#begun.get(epoch)
    if (begun === undefined) return undefined
    const { mode, meanUs } = this.#options
    return { mode, meanUs, betaE: begun.seed.beta }
  }

  hasRoom(keyEpoch: number): boolean {
    return this.#begun.get(keyEpoch)?.log.isFull === false
  }

  append(keyEpoch: number, tau: Uint8Array, delayUs: number, arrivedUs: number, releasedUs: number): void {
    // Both times by one reading: setting the clock changes no difference.
    const { clock } = this.#options
    const originUs = (clock.wallMs() - clock.now()) * 1_000
    this.#begun.get(keyEpoch)?.log.append(tau, {
      delayUs,
      arrivedUs: originUs + arrivedUs,
      releasedUs: originUs + releasedUs,
    })
  }

  flush(): void {
    this.#epochs.flush()
  }

  /**
   * Writes what is to be revealed now.
   * @returns the files
   */
  async reveal(currentEpoch: number): Promise<readonly string[]> {
    const files: string[] = []
    for (const epoch of this.#epochs.due(currentEpoch)) {
      const file = join(this.#options.folder, `reveal-${epoch}.bin`)
      this.#begun.delete(epoch)
      await this.#epochs.reveal(epoch, currentEpoch, file)
      files.push(file)
    }
    return files
  }

  close(): void {
    this.#begun.clear()
    this.#epochs.close()
  }
}
