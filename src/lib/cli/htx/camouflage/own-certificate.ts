/** The certificate of a listener on htx+https that was given none: made once and kept, so that clients can pin its key. */
import { mkdir } from 'node:fs/promises'
import { dirname } from 'node:path'
import { AivError, type Clock, fromUtf8, isAivError, utf8 } from '../../../core/index.ts'
import { readBounded, replaceFileAtomically, withFileLock } from '../../../identity/index.ts'
import { type SelfSigned, selfSigned } from '../../../tls/index.ts'

const TYPE = 'aivillage self-made certificate'
const LIFETIME_MS = 90 * 86_400_000
/** One that ends sooner than this is not begun with. */
const LEFT_LEAST_MS = 14 * 86_400_000
const FILE_BYTES_MOST = 16_384

interface Kept extends SelfSigned {
  readonly type: typeof TYPE
  readonly v: 1
  readonly names: readonly string[]
  /** Milliseconds of the wall clock. */
  readonly notAfter: number
}

/**
 * The kept certificate, or a new one when there is none for these names or it ends soon.
 * @param path of the file, mode 0600
 * @throws AivError `E_PERMISSION`, `E_IO`, `E_USAGE` for names that no certificate can have
 */
export async function ownCertificate(
  path: string,
  names: readonly [string, ...string[]],
  clock: Clock,
): Promise<SelfSigned> {
  await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  return await withFileLock(path, async () => {
    const kept = await readKept(path)
    const isForNames = kept !== undefined && JSON.stringify(kept.names) === JSON.stringify(names)
    if (isForNames && kept.notAfter - clock.wallMs() > LEFT_LEAST_MS) return kept
    const made = selfSigned({ names, clock, lifetimeMs: LIFETIME_MS })
    const document: Kept = { type: TYPE, v: 1, names, notAfter: clock.wallMs() + LIFETIME_MS, ...made }
    await replaceFileAtomically(path, utf8(`${JSON.stringify(document, null, 2)}\n`))
    return made
  })
}

async function readKept(path: string): Promise<Kept | undefined> {
  try {
    const { bytes } = await readBounded(path, FILE_BYTES_MOST)
    const value: unknown = JSON.parse(fromUtf8(bytes))
    if (isKept(value)) return value
  } catch (error) {
    if (isAivError(error, 'E_NOT_FOUND')) return undefined
    if (isAivError(error) && !isAivError(error, 'E_MALFORMED') && !isAivError(error, 'E_TOO_LARGE'))
      throw error
  }
  throw new AivError('E_KEY_FILE', `${path} does not hold the certificate that this program wrote there`, {
    hint: 'Remove it, and a new one is made; clients that pin the old key then need the new pin.',
  })
}

function isKept(value: unknown): value is Kept {
  if (typeof value !== 'object' || value === null) return false
  const { type, v, names, notAfter, cert, key } = value as Record<string, unknown>
  return (
    type === TYPE &&
    v === 1 &&
    Array.isArray(names) &&
    typeof notAfter === 'number' &&
    typeof cert === 'string' &&
    typeof key === 'string'
  )
}
