/** What the flags of a listener say about the camouflaged link htx+https. */
import { stat } from 'node:fs/promises'
import { AivError, systemClock } from '../../../core/index.ts'
import {
  type HtxAddress,
  type ListenOptions,
  parseAddress,
  parsePolicy,
  type TicketKeyRing,
} from '../../../htx/index.ts'
import { pinOfPem } from '../../../tls/index.ts'
import { dataPath } from '../endpoint.ts'
import { type CertificateFlags, certificateOptions } from './certificate-options.ts'
import { ownCertificate } from './own-certificate.ts'

/** Names that no certificate can have: nothing, and all addresses. */
const ANY_ADDRESS = ['', '0.0.0.0', '::']

export interface ShownSite extends Pick<ListenOptions, 'site' | 'tls'> {
  /** SHA-256 of the public key of the certificate. */
  readonly pin?: Uint8Array
}

export interface SiteFlags extends CertificateFlags {
  readonly decoy?: string | undefined
  readonly ticket?: 'v1' | undefined
}

/**
 * What a listener on htx+https shows. A certificate is made when none is given.
 * @param keys of the tickets, which say where tickets travel
 * @param warn told what makes the camouflage weaker
 * @throws AivError `E_USAGE` for a decoy that is neither a folder nor a URL
 */
export async function siteOptions(
  address: string,
  flags: SiteFlags,
  keys: TicketKeyRing | undefined,
  warn: (message: string) => void,
): Promise<ShownSite> {
  const parsed = parseAddress(address, 'listen')
  if (parsed.scheme !== 'htx+https')
    throw new AivError('E_USAGE', '--decoy is for htx+https; no other link can hide in a web site')
  const { tls = keys === undefined ? undefined : await selfMade(parsed, keys, warn) } =
    await certificateOptions(flags)
  return {
    ...(tls === undefined ? {} : { tls, pin: pinOfPem(tls.cert) }),
    ...(flags.decoy === undefined || keys === undefined
      ? {}
      : {
          site: {
            decoy: await decoyOf(flags.decoy),
            ticketSite: { site: keys.site, path: keys.path, cookieName: keys.cookieName },
            ticketVersion: parsePolicy(keys.policyText).version,
            allowVersion1: flags.ticket === 'v1',
          },
        }),
  }
}

async function selfMade(
  { host }: HtxAddress,
  { site }: TicketKeyRing,
  warn: (message: string) => void,
): Promise<NonNullable<ListenOptions['tls']>> {
  warn(
    'no --cert: the certificate is self-made, which no browser trusts and every scanner sees. Clients need its --pin.',
  )
  const names = [site, host, 'localhost'].filter((name) => !ANY_ADDRESS.includes(name))
  return await ownCertificate(
    dataPath('htx-https.json'),
    [...new Set(names)] as [string, ...string[]],
    systemClock,
  )
}

async function decoyOf(text: string): Promise<NonNullable<ListenOptions['site']>['decoy']> {
  if (/^https?:/i.test(text)) {
    if (!URL.canParse(text)) throw new AivError('E_USAGE', '--decoy is not a URL that can be used')
    return { kind: 'origin', url: text }
  }
  const isFolder = await stat(text).then(
    (found) => found.isDirectory(),
    () => false,
  )
  if (isFolder) return { kind: 'directory', path: text }
  throw new AivError('E_USAGE', `--decoy ${text} is neither a folder nor a URL`, {
    hint: 'Pass a folder of pages, or https://HOST of a site to show.',
  })
}
