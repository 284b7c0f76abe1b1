/** Tells when something in one of several folders changes. */
import { type FSWatcher, watch } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { AivError } from '../../core/index.ts'

/** Editors and package managers write a file in several steps. */
const SETTLE_MS = 200

/** Systems bound the number of watches. */
const MAX_FOLDERS = 1000

export class FolderChanges {
  readonly #watchers = new Map<string, FSWatcher>()
  readonly #signal: AbortSignal
  readonly #ignored: ReadonlySet<string>
  #changed = false
  #wake: () => void = () => {}

  /** @param ignored absolute paths whose changes do not count */
  constructor(signal: AbortSignal, ignored: ReadonlySet<string>) {
    this.#signal = signal
    this.#ignored = ignored
    signal.addEventListener('abort', this.#stop, { once: true })
  }

  /** Folders that are watched already stay so; those above the limit are left out. @throws AivError `E_IO` */
  watch(folders: readonly string[]): void {
    for (const folder of folders) {
      if (this.#watchers.has(folder) || this.#watchers.size >= MAX_FOLDERS) continue
      try {
        const watcher = watch(folder, (_, name) => {
          if (name === null || !this.#ignored.has(join(folder, name))) this.#notice()
        })
        // A folder that goes away is watched again when a run finds files in it.
        watcher.on('error', () => {
          watcher.close()
          this.#watchers.delete(folder)
        })
        this.#watchers.set(folder, watcher)
      } catch (cause) {
        throw new AivError('E_IO', `cannot watch ${folder}: ${(cause as Error).message}`, { cause })
      }
    }
  }

  /** Waits for a change after which nothing has followed for a while. @returns false when it is to end */
  async next(): Promise<boolean> {
    if (!this.#changed && !this.#signal.aborted)
      await new Promise<void>((resolve) => {
        this.#wake = resolve
      })
    while (this.#changed && !this.#signal.aborted) {
      this.#changed = false
      await delay(SETTLE_MS, undefined, { signal: this.#signal }).catch(() => {})
    }
    return !this.#signal.aborted
  }

  close(): void {
    this.#signal.removeEventListener('abort', this.#stop)
    for (const watcher of this.#watchers.values()) watcher.close()
    this.#watchers.clear()
  }

  readonly #stop = (): void => this.#wake()

  #notice(): void {
    this.#changed = true
    this.#wake()
  }
}
