/** A listener on htx+https as an operator runs it: pages, ticket keys, a process. */
import { copyFileSync, mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { systemClock } from '../../src/lib/core/index.ts'
import { systemRandom } from '../../src/lib/crypto/index.ts'
import {
  createGrantFile,
  createTicketKeys,
  DEFAULT_SITE,
  grantOf,
  newTicketKey,
} from '../../src/lib/htx/ticket/index.ts'
import { type AivProcess, startAiv, temporaryFolder } from './aiv.ts'
import type { Workplace } from './shell.ts'

/** The name that the site is visited by, on loopback. */
export const SITE_NAME = 'bread.example'

export interface RunningSite {
  /** Holds `grant.json`, for clients. */
  readonly folder: string
  readonly address: string
  readonly port: number
  /** Hex, of the certificate that the listener made. */
  readonly pin: string
  readonly listener: AivProcess
}

export interface SiteChoice {
  /** Of the index page, behind its title. */
  readonly body?: string
  readonly carriers?: string
  readonly version?: 1 | 2
  readonly timeoutMs?: number
  /** More arguments; default sends back what comes. */
  readonly args?: readonly string[]
}

/** Starts `aiv htx listen htx+https://…` with a page of the title "Bread". */
export async function startSite(choice: SiteChoice = {}): Promise<RunningSite> {
  const { args = ['--echo'] } = choice
  const folder = temporaryFolder()
  await makeSite(folder, choice)
  const listener = startAiv(
    [
      ...['htx', 'listen', 'htx+https://127.0.0.1:0/feed'],
      ...['--decoy', 'pages', '--tickets', 'tickets.json', '--json', ...args],
    ],
    { cwd: folder, timeoutMs: choice.timeoutMs ?? 60_000 },
  )
  listener.child.stdin.end()
  for (;;) {
    const event = await listener.nextEvent()
    if (event.event !== 'ready') continue
    const { address, pin } = event as { readonly address: string; readonly pin: string }
    return { folder, address, port: Number(/:(\d+)\//.exec(address)?.[1]), pin, listener }
  }
}

/** `pages`, `tickets.json` and `grant.json`. */
export async function makeSite(
  folder: string,
  { body = '', carriers = 'cookie:0.5,query:0.3,body:0.2', version = 2 }: SiteChoice = {},
): Promise<void> {
  mkdirSync(join(folder, 'pages'))
  writeFileSync(join(folder, 'pages', 'index.html'), `<!doctype html><title>Bread</title>${body}\n`)
  const key = newTicketKey(systemRandom, systemClock)
  const policyText = `BN-Ticket: v${version}; carriers=${carriers}; len=24..64`
  const ring = { policyText, ...DEFAULT_SITE, site: SITE_NAME, keys: [key] }
  await createTicketKeys(join(folder, 'tickets.json'), ring)
  await createGrantFile(join(folder, 'grant.json'), grantOf(ring, key))
}

/** A site that runs: its address in `$HIDDEN`, the pin of its certificate in `$PIN`, and `grant.json`. */
export async function prepareSiteClient({ folder, env }: Workplace): Promise<void> {
  const site = await startSite({ timeoutMs: 120_000 })
  copyFileSync(join(site.folder, 'grant.json'), join(folder, 'grant.json'))
  env.HIDDEN = site.address
  env.PIN = site.pin
}

/** Arguments of a client of the site. */
export function clientArgs({ pin }: RunningSite): readonly string[] {
  return ['--ticket', 'grant.json', '--pin', pin]
}
