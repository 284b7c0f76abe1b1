/** The key file of a listener that requires tickets: JSON of mode 0600. */
import { AivError, isAivError, toHex, utf8 } from '../../core/index.ts'
import { erase, systemRandom, X25519_BYTES, x25519 } from '../../crypto/index.ts'
import {
  createFileAtomically,
  JsonFields,
  readBounded,
  replaceFileAtomically,
  withFileLock,
} from '../../identity/index.ts'
import { KEYS_MOST, TICKET_KEY_ID_BYTES } from './constants.ts'
import { checkSite, GRANT_BYTES_MOST, grantDocument, parseGrant, type TicketGrant } from './grant.ts'
import type { TicketKey, TicketKeyRing } from './key-ring.ts'
import { parsePolicy } from './policy.ts'

const TYPE = 'aivillage ticket keys'
const VERSION = 1
const FILE_BYTES_MOST = 16_384
/** Access by anyone but the owner. */
const OTHERS = 0o077

/** @throws AivError `E_KEY_FILE`, `E_NOT_FOUND`, `E_PERMISSION`, `E_IO` */
export async function loadTicketKeys(path: string): Promise<TicketKeyRing> {
  const { bytes, mode } = await readOrRefuse(path)
  try {
    if (process.platform !== 'win32' && (mode & OTHERS) !== 0) {
      throw new AivError('E_KEY_FILE', `other users can open the ticket keys ${path}`, {
        hint: `chmod 600 ${path}, and make new keys if somebody may have read them.`,
      })
    }
    return parseTicketKeys(bytes)
  } catch (error) {
    if (!isAivError(error, 'E_MALFORMED')) throw error
    throw new AivError('E_KEY_FILE', `${path} is no file of ticket keys: ${error.message}`, {
      cause: error,
      hint: 'Make one with `aiv htx ticket new`.',
    })
  } finally {
    erase(bytes)
  }
}

/** Writes a new key file. @throws AivError `E_INPUT` when it exists, `E_PERMISSION`, `E_NOT_FOUND`, `E_IO` */
export async function createTicketKeys(path: string, ring: TicketKeyRing): Promise<void> {
  const content = encodeTicketKeys(ring)
  await createFileAtomically(path, content, systemRandom)
  erase(content)
}

/**
 * Reads, changes and rewrites a key file while no other process does.
 * @returns what `change` returned
 * @throws AivError as `loadTicketKeys`; `E_TIMEOUT` when another process holds the file
 */
export async function updateTicketKeys(
  path: string,
  change: (ring: TicketKeyRing) => TicketKeyRing,
): Promise<TicketKeyRing> {
  return await withFileLock(path, async () => {
    const changed = change(await loadTicketKeys(path))
    const content = encodeTicketKeys(changed)
    await replaceFileAtomically(path, content)
    erase(content)
    return changed
  })
}

/** Writes a new grant file, of mode 0600: whoever has it comes in. @throws AivError as `createTicketKeys` */
export async function createGrantFile(path: string, grant: TicketGrant): Promise<void> {
  await createFileAtomically(path, utf8(`${JSON.stringify(grantDocument(grant), null, 2)}\n`), systemRandom)
}

/** @throws AivError `E_INPUT` when it is no grant, `E_NOT_FOUND`, `E_PERMISSION`, `E_IO` */
export async function loadGrant(path: string): Promise<TicketGrant> {
  try {
    return parseGrant((await readBounded(path, GRANT_BYTES_MOST)).bytes)
  } catch (error) {
    if (!isAivError(error, 'E_MALFORMED') && !isAivError(error, 'E_TOO_LARGE')) throw error
    throw new AivError('E_INPUT', `cannot use the grant ${path}: ${error.message}`, {
      cause: error,
      hint: 'Ask the operator of the listener for the file that `aiv htx ticket new --out-grant` wrote.',
    })
  }
}

async function readOrRefuse(path: string): Promise<{ bytes: Uint8Array; mode: number }> {
  try {
    return await readBounded(path, FILE_BYTES_MOST)
  } catch (error) {
    if (!isAivError(error, 'E_TOO_LARGE')) throw error
    throw new AivError('E_KEY_FILE', `${path} is too large for a file of ticket keys`, { cause: error })
  }
}

function encodeTicketKeys({ policyText, site, path, cookieName, keys }: TicketKeyRing): Uint8Array {
  const document = {
    type: TYPE,
    v: VERSION,
    policy: policyText,
    site,
    path,
    cookieName,
    keys: keys.map(({ id, pair, notBefore, notAfter }) => {
      const secret = pair.exportPrivate()
      const hex = toHex(secret)
      erase(secret)
      return { id: toHex(id), private: hex, notBefore, notAfter }
    }),
  }
  return utf8(`${JSON.stringify(document, null, 2)}\n`)
}

/** @throws AivError `E_MALFORMED` */
function parseTicketKeys(bytes: Uint8Array): TicketKeyRing {
  const fields = JsonFields.ofJson(bytes)
  if (fields.text('type') !== TYPE) throw new AivError('E_MALFORMED', 'its type is another')
  if (fields.integer('v') !== VERSION) throw new AivError('E_MALFORMED', 'its version is unknown')
  const policyText = fields.text('policy')
  parsePolicy(policyText)
  const site = checkSite({
    site: fields.text('site'),
    path: fields.text('path'),
    cookieName: fields.text('cookieName'),
  })
  const list = fields.optional('keys')
  fields.finish()
  if (!Array.isArray(list) || list.length === 0 || list.length > KEYS_MOST)
    throw new AivError('E_MALFORMED', `it does not hold 1 to ${KEYS_MOST} keys`)
  const keys = list.map(parseKey)
  if (new Set(keys.map(({ id }) => toHex(id))).size !== keys.length)
    throw new AivError('E_MALFORMED', 'two keys have one id')
  return { policyText, ...site, keys }
}

function parseKey(value: unknown): TicketKey {
  const fields = new JsonFields(value)
  const id = fields.bytes('id', TICKET_KEY_ID_BYTES)
  const secret = fields.bytes('private', X25519_BYTES)
  const pair = x25519.fromPrivate(secret)
  erase(secret)
  const notBefore = fields.integer('notBefore')
  const notAfter = fields.integer('notAfter')
  fields.finish()
  return { id, pair, notBefore, notAfter }
}
