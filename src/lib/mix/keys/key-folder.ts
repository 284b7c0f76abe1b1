/**
 * The folder in which a node keeps its mix keys and their replay logs, for one process at a time.
 *
 *     <epoch>-<public key>.key    the private key and the secret of its filter
 *     <epoch>-<public key>.tags   the replay log, as old as the key: a key without its log is never used
 *     in-use.json                 which keys were accepting packets, and what a stop could have lost of their tags
 */
import {
  closeSync,
  fdatasyncSync,
  fsyncSync,
  mkdirSync,
  openSync,
  readdirSync,
  rmSync,
  statSync,
  writeSync,
} from 'node:fs'
import { join } from 'node:path'
import { AivError, ProcessLock, type RandomSource, toHex, utf8 } from '../../core/index.ts'
import { erase } from '../../crypto/index.ts'
import { createFileAtomically, JsonFields, readBounded, replaceFileAtomically } from '../../identity/index.ts'
import { createReplayLog, type ReplayDurability } from '../replay/index.ts'
import { decodeKeyFile, encodeKeyFile, KEY_FILE_BYTES, type StoredMixKey } from './key-file.ts'

/** What the process before this one was doing when it ended. */
export interface KeysInUse {
  /** Of the machine's run; the empty text where that is not known. */
  readonly bootId: string
  readonly durability: ReplayDurability
  /** Names of the keys that were accepting packets; none after a clean stop. */
  readonly names: readonly string[]
}

const IN_USE = 'in-use.json'
const NAME = /^(\d{1,16}-[0-9a-f]{64})\.(key|tags)$/

export class KeyFolder {
  readonly #path: string
  readonly #lock: ProcessLock

  private constructor(path: string, lock: ProcessLock) {
    this.#path = path
    this.#lock = lock
  }

  /**
   * Opens the folder, made where it is missing.
   * @throws AivError `E_STORE_BUSY` when another process has it, `E_IO` when it cannot be used
   */
  static open(path: string): KeyFolder {
    let lock: ProcessLock | undefined
    try {
      mkdirSync(path, { recursive: true, mode: 0o700 })
      const lockPath = join(path, '.lock')
      createEmpty(lockPath)
      lock = new ProcessLock(lockPath)
      if (lock.tryAcquire()) return new KeyFolder(path, lock)
    } catch (cause) {
      lock?.close()
      throw new AivError('E_IO', `cannot use the folder of mix keys ${path}`, { cause })
    }
    lock.close()
    throw new AivError('E_STORE_BUSY', `another process uses the mix keys in ${path}`, {
      hint: 'A node has one folder for itself: two would let the same packet through.',
    })
  }

  /** Names of the keys that are there; what an interrupted creation or removal left is cleared away. */
  list(): string[] {
    const files = readdirSync(this.#path)
    const names = files.flatMap((file) => {
      const [, name, kind] = NAME.exec(file) ?? []
      return name !== undefined && kind === 'key' ? [name] : []
    })
    for (const file of files) {
      const [, name] = NAME.exec(file) ?? []
      const isLeft = name === undefined ? file.endsWith('.tmp') : !names.includes(name)
      if (isLeft) rmSync(join(this.#path, file), { force: true })
    }
    return names.sort()
  }

  logPath(name: string): string {
    return join(this.#path, `${name}.tags`)
  }

  /** @throws AivError `E_MALFORMED` when the file is not that of this key, and what `readBounded` throws */
  async load(name: string): Promise<StoredMixKey> {
    const { bytes } = await readBounded(this.#keyPath(name), KEY_FILE_BYTES)
    let stored: StoredMixKey
    try {
      stored = decodeKeyFile(bytes)
    } finally {
      erase(bytes)
    }
    if (nameOf(stored) !== name) throw new AivError('E_MALFORMED', 'it is named for another key')
    return stored
  }

  /**
   * Stores a new key with its empty log, durably; returns its name.
   * @throws AivError `E_IO`, `E_PERMISSION`
   */
  async create(stored: StoredMixKey, random: RandomSource): Promise<string> {
    const name = nameOf(stored)
    try {
      createReplayLog(this.logPath(name), { epoch: stored.epoch, publicKey: stored.key.publicKey })
    } catch (cause) {
      throw new AivError('E_IO', `cannot make the replay log ${this.logPath(name)}`, {
        hint: 'Look at the disk and start again.',
        cause,
      })
    }
    const content = encodeKeyFile(stored)
    await createFileAtomically(this.#keyPath(name), content, random)
    erase(content)
    return name
  }

  /**
   * Removes a key for good, then its log. Overwriting reaches the old place only where the file system writes in place;
   * elsewhere a thief of the disk may still find the key, as with any file.
   * @throws AivError `E_IO` when the key may still be there
   */
  destroy(name: string): void {
    try {
      overwrite(this.#keyPath(name))
    } catch {
      // A full or failing disk: that the key has no name any more matters more.
    }
    try {
      rmSync(this.#keyPath(name), { force: true })
      syncFolder(this.#path)
      rmSync(this.logPath(name), { force: true })
    } catch (cause) {
      throw new AivError('E_IO', `cannot remove the mix key ${this.#keyPath(name)}`, {
        hint: 'Remove it by hand: packets that were recorded could be opened with it.',
        cause,
      })
    }
  }

  /** What the process before left. A note that is missing or cannot be read counts as the worst. */
  async inUse(): Promise<KeysInUse> {
    try {
      const { bytes } = await readBounded(join(this.#path, IN_USE), 2 ** 16)
      const fields = JsonFields.ofJson(bytes)
      fields.integer('v')
      const bootId = fields.text('boot')
      const durability = fields.text('durability') === 'power' ? 'power' : 'process'
      const names = fields.optional('keys')
      if (!Array.isArray(names)) throw new AivError('E_MALFORMED', 'it lists no keys')
      return { bootId, durability, names: names.map(String) }
    } catch {
      return { bootId: '', durability: 'process', names: this.list() }
    }
  }

  /** Durable before the first packet of a key is accepted. */
  async setInUse({ bootId, durability, names }: KeysInUse): Promise<void> {
    const note = { v: 1, boot: bootId, durability, keys: names }
    await replaceFileAtomically(join(this.#path, IN_USE), utf8(`${JSON.stringify(note)}\n`))
  }

  /** Lets another process have the folder. */
  close(): void {
    this.#lock.close()
  }

  #keyPath(name: string): string {
    return join(this.#path, `${name}.key`)
  }
}

function nameOf({ epoch, key }: StoredMixKey): string {
  return `${epoch}-${toHex(key.publicKey)}`
}

/** Never opens a file that is there: closing it would give up a lock that this process holds on it. */
function createEmpty(path: string): void {
  try {
    closeSync(openSync(path, 'wx', 0o600))
  } catch (error) {
    if (!isErrno(error, 'EEXIST')) throw error
  }
}

function isErrno(error: unknown, code: string): boolean {
  return error instanceof Error && 'code' in error && error.code === code
}

function overwrite(path: string): void {
  const size = statSync(path, { throwIfNoEntry: false })?.size
  if (size === undefined) return
  const file = openSync(path, 'r+')
  try {
    writeSync(file, new Uint8Array(size), 0, size, 0)
    fdatasyncSync(file)
  } finally {
    closeSync(file)
  }
}

/** A removal survives a power failure only once the folder is synced. */
function syncFolder(path: string): void {
  if (process.platform === 'win32') return
  const folder = openSync(path, 'r')
  try {
    fsyncSync(folder)
  } finally {
    closeSync(folder)
  }
}
