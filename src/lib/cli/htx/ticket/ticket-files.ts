/** Key files and grants as the ticket commands make, name and show them. */
import { mkdir, rm, stat } from 'node:fs/promises'
import { dirname, join } from 'node:path'
import { AivError, systemClock, toHex, unixSeconds } from '../../../core/index.ts'
import { systemRandom } from '../../../crypto/index.ts'
import {
  addKey,
  checkSite,
  createGrantFile,
  createTicketKeys,
  DEFAULT_POLICY_TEXT,
  DEFAULT_SITE,
  grantDocument,
  grantOf,
  isValidAt,
  newTicketKey,
  parsePolicy,
  rotateKeys,
  type TicketGrant,
  type TicketKey,
  type TicketKeyRing,
  updateTicketKeys,
  withTicketVersion,
} from '../../../htx/index.ts'
import type { Fields } from '../../output.ts'
import { stateFolders } from '../../state-folders.ts'

export interface NewTicketFlags {
  readonly out?: string | undefined
  readonly 'out-grant'?: string | undefined
  readonly add?: boolean
  readonly rotate?: boolean
  readonly valid?: number | undefined
  readonly overlap?: number | undefined
  readonly 'ticket-version'?: string | undefined
  readonly carriers?: string | undefined
  readonly site?: string | undefined
  readonly path?: string | undefined
  readonly 'cookie-name'?: string | undefined
}

export interface NewTicket {
  readonly path: string
  readonly key: TicketKey
  readonly grant: TicketGrant
}

/** The key file that is meant when none is named. */
export function defaultTicketFile(): string {
  return join(stateFolders().config, 'tickets.json')
}

/**
 * Makes a key, and its grant, as the flags say. Both files of a new key are written or none; a grant that could not be
 * written after a change is in `aiv htx ticket show --json`.
 * @throws AivError what the files and the policy throw
 */
export async function makeTicketKey(flags: NewTicketFlags): Promise<NewTicket> {
  const path = flags.out ?? defaultTicketFile()
  if (flags.overlap !== undefined && flags.rotate !== true)
    throw new AivError('E_USAGE', '--overlap is of no use without --rotate')
  const changes = flags.add === true || flags.rotate === true
  if (!changes) await refuseExisting(path)
  if (flags.out === undefined) await mkdir(dirname(path), { recursive: true, mode: 0o700 })
  const key = newTicketKey(systemRandom, systemClock, secondsOf(flags.valid, 'valid'))
  const overlapS = secondsOf(flags.overlap, 'overlap')
  const grantPath = flags['out-grant']
  const write = async (ring: TicketKeyRing): Promise<TicketGrant> => {
    const grant = grantOf(ring, key)
    if (grantPath !== undefined) await createGrantFile(grantPath, grant)
    return grant
  }
  if (!changes) {
    const ring = withFlags({ policyText: DEFAULT_POLICY_TEXT, ...DEFAULT_SITE, keys: [key] }, flags)
    const grant = await write(ring)
    await orWithoutGrant(grantPath, createTicketKeys(path, ring))
    return { path, key, grant }
  }
  if (grantPath !== undefined) await refuseExisting(grantPath)
  const ring = await updateTicketKeys(path, (old) => {
    const shaped = withFlags(old, flags)
    return flags.rotate === true
      ? rotateKeys(shaped, key, systemClock, overlapS)
      : addKey(shaped, key, systemClock)
  })
  return { path, key, grant: await write(ring) }
}

async function orWithoutGrant(grantPath: string | undefined, work: Promise<void>): Promise<void> {
  try {
    await work
  } catch (error) {
    if (grantPath !== undefined) await rm(grantPath, { force: true })
    throw error
  }
}

async function refuseExisting(path: string): Promise<void> {
  const exists = await stat(path).then(
    () => true,
    () => false,
  )
  if (!exists) return
  throw new AivError('E_INPUT', `${path} exists already`, {
    hint: 'Add a key to it with --add, replace its keys with --rotate, or name another file.',
  })
}

function secondsOf(ms: number | undefined, flag: string): number | undefined {
  if (ms === undefined) return undefined
  if (ms < 1000) throw new AivError('E_USAGE', `--${flag} takes 1s or more`)
  return Math.floor(ms / 1000)
}

/** @throws AivError `E_USAGE` for what no policy and no request could hold */
function withFlags(ring: TicketKeyRing, flags: NewTicketFlags): TicketKeyRing {
  const version = flags['ticket-version'] === '2' ? 2 : 1
  const text =
    flags.carriers === undefined
      ? ring.policyText
      : `BN-Ticket: v${parsePolicy(ring.policyText).version}; carriers=${flags.carriers}; len=24..64`
  try {
    parsePolicy(text)
    const site = checkSite({
      site: flags.site ?? ring.site,
      path: flags.path ?? ring.path,
      cookieName: flags['cookie-name'] ?? ring.cookieName,
    })
    const policyText = flags['ticket-version'] === undefined ? text : withTicketVersion(text, version)
    return { ...ring, policyText, ...site }
  } catch (cause) {
    throw new AivError('E_USAGE', (cause as Error).message, {
      cause,
      hint: 'Carriers are cookie, query and body, with decimals that sum to 1, such as cookie:0.5,query:0.3,body:0.2; a path begins with /.',
    })
  }
}

/** Unix seconds as people read them. */
function day(seconds: number): string {
  return new Date(seconds * 1000).toISOString().slice(0, 16).replace('T', ' ')
}

export function newTicketDocument({ path, key, grant }: NewTicket, grantPath: string | undefined): Fields {
  return {
    file: path,
    ...(grantPath === undefined ? {} : { grant_file: grantPath }),
    key_id: toHex(key.id),
    not_before: key.notBefore,
    not_after: key.notAfter,
    grant: grantDocument(grant),
  }
}

/** The grant itself where no file takes it: then it can be piped on. */
export function newTicketText({ path, key, grant }: NewTicket, grantPath: string | undefined): string {
  if (grantPath === undefined) return JSON.stringify(grantDocument(grant))
  return [
    `key    ${toHex(key.id)}, valid until ${day(key.notAfter)} UTC`,
    `keys   ${path}: for \`aiv htx listen --tickets\`; nobody else may read it`,
    `grant  ${grantPath}: for \`aiv htx connect --ticket\`; whoever has it gets an answer`,
  ].join('\n')
}

export function ringDocument(ring: TicketKeyRing): Fields {
  const now = unixSeconds(systemClock)
  const { policyText: policy, site, path, cookieName } = ring
  return {
    kind: 'keys',
    policy,
    site,
    path,
    cookie_name: cookieName,
    keys: ring.keys.map((key) => ({
      key_id: toHex(key.id),
      ticket_public: toHex(key.pair.publicKey),
      not_before: key.notBefore,
      not_after: key.notAfter,
      valid: isValidAt(key, now),
      grant: grantDocument(grantOf(ring, key)),
    })),
  }
}

export function ringText(ring: TicketKeyRing): string {
  const now = unixSeconds(systemClock)
  return [
    ring.policyText,
    ...ring.keys.map(
      (key) =>
        `key ${toHex(key.id)}  ${day(key.notBefore)} to ${day(key.notAfter)} UTC${isValidAt(key, now) ? '' : ', not valid now'}`,
    ),
  ].join('\n')
}

export function grantFields(grant: TicketGrant): Fields {
  return {
    kind: 'grant',
    key_id: toHex(grant.ticketKeyId),
    ticket_public: toHex(grant.ticketPub),
    policy: grant.policyText,
    site: grant.site,
    path: grant.path,
    cookie_name: grant.cookieName,
    not_after: grant.notAfter,
    valid: unixSeconds(systemClock) < grant.notAfter,
  }
}

export function grantText(grant: TicketGrant): string {
  const ended = unixSeconds(systemClock) < grant.notAfter ? '' : ', which is over'
  return `${grant.policyText}\ngrant of key ${toHex(grant.ticketKeyId)}, valid until ${day(grant.notAfter)} UTC${ended}`
}
