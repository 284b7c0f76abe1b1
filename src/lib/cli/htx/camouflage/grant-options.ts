/** What the flags of a client say about the camouflaged link htx+https. */
import { AivError } from '../../../core/index.ts'
import { type CamouflageOptions, type ConnectOptions, loadGrant } from '../../../htx/index.ts'
import { readText } from '../read-text.ts'

/** Beside a file: tickets of version 1 are allowed. */
const VERSION_1 = 'v1'

export interface CamouflageFlags {
  readonly ticket?: readonly string[] | undefined
  readonly mode?: 'ws' | 'h2' | undefined
  readonly chrome?: number | undefined
  readonly ech?: string | undefined
  readonly origin?: string | undefined
  readonly tolerance?: number | undefined
  readonly cover?: string | undefined
  readonly 'no-cover'?: boolean
}

/**
 * The grant and how it is carried.
 * @throws AivError `E_USAGE` for several grants, and what reading one throws
 */
export async function grantOptions(
  flags: CamouflageFlags,
): Promise<Pick<ConnectOptions, 'accessGrant' | 'camouflage'>> {
  const { ticket = [], mode, chrome, origin, tolerance } = flags
  const files = ticket.filter((value) => value !== VERSION_1)
  if (files.length > 1) throw new AivError('E_USAGE', '--ticket takes one grant, and the word v1 beside it')
  const [file] = files
  return {
    ...(file === undefined ? {} : { accessGrant: await loadGrant(file) }),
    camouflage: {
      allowVersion1: ticket.includes(VERSION_1),
      ...(mode === undefined ? {} : { mode }),
      ...(chrome === undefined ? {} : { major: chrome }),
      ...(origin === undefined ? {} : { origin: requireHttps(origin) }),
      ...(tolerance === undefined ? {} : { tolerancePercent: tolerance }),
      ...(await coverOf(flags)),
      ...(flags.ech === undefined ? {} : { ech: await echConfigs(flags.ech) }),
    },
  }
}

function requireHttps(origin: string): string {
  if (URL.parse(origin)?.protocol === 'https:') return origin
  throw new AivError('E_USAGE', '--origin takes the https:// URL of a site')
}

async function coverOf(flags: CamouflageFlags): Promise<Pick<CamouflageOptions, 'cover'>> {
  if (flags['no-cover'] === true) return { cover: 'none' }
  if (flags.cover === undefined) return {}
  const lines = (await readText(flags.cover)).split('\n').map((line) => line.trim())
  return { cover: lines.filter((line) => line !== '' && !line.startsWith('#')) }
}

/** Loaded on demand, with the TLS that it needs. */
async function echConfigs(named: string): Promise<NonNullable<CamouflageOptions['ech']>> {
  const { readEchConfigs } = await import('../../utls/ech-files.ts')
  return await readEchConfigs(named)
}
