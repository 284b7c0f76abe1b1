/** Who may connect to a listener and what they may reach, from flags and from files that are read again. */
import { AivError, isAivError } from '../../../core/index.ts'
import { AccessList, AllowList, parseAllowFile, parsePermit, parsePermitFile } from '../../../htx/index.ts'
import type { Fields } from '../../output.ts'
import type { ServiceManager } from '../operations/systemd.ts'
import { readText } from '../read-text.ts'
import { Reloads } from './reloads.ts'

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

/**
 * Sets up both lists. Files are read again on SIGHUP and when they change; one that cannot be used leaves what was in
 * force, and is tried again where it could not be read at all. Until it is closed SIGHUP does not end the process.
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
  let failed: string | undefined
  const reload = async (isRetry: boolean): Promise<boolean> => {
    if (!isRetry) manager.reloading()
    try {
      // Both are read before either counts: half of a change may be worse than none.
      const [peers, entries] = [await readAllow(), await readPermits()]
      allowList?.replace(peers)
      permits?.replace(entries)
      event('reloaded', { allowed: peers.length, permitted: entries.length }, 'read the access lists again')
      return false
    } catch (error) {
      const { message } = error as Error
      if (!isRetry || message !== failed)
        event('reload-failed', { reason: message }, `the access lists stay as they were: ${message}`)
      failed = message
      return isUnread(error)
    } finally {
      if (!isRetry) manager.reloaded()
    }
  }
  const reloads = new Reloads(
    [allowFile, permitFile].filter((file) => file !== undefined),
    reload,
  )
  let allowList: AllowList | undefined
  let permits: AccessList | undefined
  try {
    if (hasAllow) allowList = new AllowList(await readAllow())
    if (hasPermits) permits = new AccessList(await readPermits(), { everythingPublic: socks === true })
  } catch (error) {
    reloads.end()
    throw error
  }
  reloads.begin()
  return {
    ...(allowList === undefined ? {} : { allow: allowList }),
    ...(permits === undefined ? {} : { permits }),
    close: () => reloads.end(),
  }
}

/** The system did not give the file, for want of descriptors perhaps: unlike what a file says, that may pass. */
function isUnread(error: unknown): boolean {
  return isAivError(error, 'E_INPUT') && error.cause instanceof Error && 'syscall' in error.cause
}

async function entriesOf<T>(file: string, parse: (text: string) => T[]): Promise<T[]> {
  const text = await readText(file)
  try {
    return parse(text)
  } catch (error) {
    throw new AivError('E_USAGE', `${file}, ${(error as Error).message}`, { cause: error })
  }
}
