/** Who may connect to a listener and what they may reach, from flags and from files that are read again. */
import { unwatchFile, watchFile } from 'node:fs'
import { AivError } from '../../../core/index.ts'
import { AccessList, AllowList, parseAllowFile, parsePermit, parsePermitFile } from '../../../htx/index.ts'
import type { Fields } from '../../output.ts'
import { readText } from '../endpoint.ts'
import type { ServiceManager } from '../operations/systemd.ts'

export interface AccessFlags {
  readonly allow?: readonly string[] | undefined
  readonly 'allow-file'?: string | undefined
  readonly permit?: readonly string[] | undefined
  readonly 'permit-file'?: string | undefined
  readonly socks?: boolean
}

export interface Access {
  /** Everybody when absent. */
  readonly allow?: AllowList
  /** No forwards when absent. */
  readonly permits?: AccessList
  /** Reads the files no more. */
  close(): void
}

/** Told when files are read again, and when that is over. */
type ReloadWatcher = Pick<ServiceManager, 'reloading' | 'reloaded'>

/** How often the files are looked at, milliseconds. */
const WATCH_MS = 1000

/**
 * Sets up both lists. Files are read again on SIGHUP and when they change; one that cannot be used leaves what was in
 * force. Until it is closed SIGHUP does not end the process.
 * @throws AivError `E_USAGE`, `E_INPUT` when flags or files cannot be used at the start
 */
export async function openAccess(
  flags: AccessFlags,
  event: (name: string, fields: Fields, text?: string) => void,
  manager: ReloadWatcher,
): Promise<Access> {
  const { allow, permit, socks, 'allow-file': allowFile, 'permit-file': permitFile } = flags
  const readAllow = async (): Promise<string[]> => [
    ...(allow ?? []),
    ...(allowFile === undefined ? [] : await entriesOf(allowFile, parseAllowFile)),
  ]
  const readPermits = async () => [
    ...(permit ?? []).flatMap(parsePermit),
    ...(permitFile === undefined ? [] : await entriesOf(permitFile, parsePermitFile)),
  ]
  const hasAllow = allow !== undefined || allowFile !== undefined
  const hasPermits = permit !== undefined || permitFile !== undefined || socks === true
  const allowList = hasAllow ? new AllowList(await readAllow()) : undefined
  const permits = hasPermits
    ? new AccessList(await readPermits(), { everythingPublic: socks === true })
    : undefined
  const reload = async (): Promise<void> => {
    manager.reloading()
    try {
      // Both are read before either counts: half of a change may be worse than none.
      const [peers, entries] = [await readAllow(), await readPermits()]
      allowList?.replace(peers)
      permits?.replace(entries)
      event('reloaded', { allowed: peers.length, permitted: entries.length }, 'read the access lists again')
    } catch (error) {
      const { message } = error as Error
      event('reload-failed', { reason: message }, `the access lists stay as they were: ${message}`)
    } finally {
      manager.reloaded()
    }
  }
  const reloads = new Reloads(reload)
  const files = [allowFile, permitFile].filter((file) => file !== undefined)
  return {
    ...(allowList === undefined ? {} : { allow: allowList }),
    ...(permits === undefined ? {} : { permits }),
    close: watchFiles(files, reloads),
  }
}

/** One after the other: an older reading that ended last would put back who was removed. */
class Reloads {
  readonly #reload: () => Promise<void>
  #isAsked = false
  #isWorking = false
  #isOver = false

  constructor(reload: () => Promise<void>) {
    this.#reload = reload
  }

  /** However often this is asked for during a reading, one more sees all that has changed. */
  ask(): void {
    this.#isAsked = true
    if (!this.#isWorking) void this.#work()
  }

  end(): void {
    this.#isOver = true
  }

  async #work(): Promise<void> {
    this.#isWorking = true
    try {
      while (this.#isAsked && !this.#isOver) {
        this.#isAsked = false
        await this.#reload()
      }
    } finally {
      this.#isWorking = false
    }
  }
}

function watchFiles(files: readonly string[], reloads: Reloads): () => void {
  const onChange = (): void => reloads.ask()
  // Also without files: whoever tells all daemons to read their files again does not mean to end this one.
  process.on('SIGHUP', onChange)
  // By time and size: editors put a new file in the place of the old one, which a watch of the file itself misses.
  for (const file of files) watchFile(file, { interval: WATCH_MS, persistent: false }, onChange)
  return () => {
    reloads.end()
    process.off('SIGHUP', onChange)
    for (const file of files) unwatchFile(file, onChange)
  }
}

async function entriesOf<T>(file: string, parse: (text: string) => T[]): Promise<T[]> {
  const text = await readText(file)
  try {
    return parse(text)
  } catch (error) {
    throw new AivError('E_USAGE', `${file}, ${(error as Error).message}`, { cause: error })
  }
}
