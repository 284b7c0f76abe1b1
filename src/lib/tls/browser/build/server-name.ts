/** The name that a browser puts into server_name (RFC 6066 section 3). */
import { isIP } from 'node:net'
import { domainToASCII } from 'node:url'
import { AivError } from '../../../core/index.ts'

const NAME_MOST = 253
/** What a URL has around its host: behind such a character `domainToASCII` would drop the rest, or read it as an escape. */
const BESIDE_HOSTS = /[\p{Cc}\s/\\?#@:%[\]]/u
/** Browsers also open hosts with a hyphen at either end of a label, and with underscores. */
const LABEL = /^[a-z0-9_-]{1,63}$/

/**
 * @param host as a user writes it
 * @returns in lower case and ASCII, without the dot at the end, which Chrome would send although RFC 6066 has none:
 *   hardly any hello has one; undefined for an IP address, which is not sent
 * @throws AivError `E_USAGE` when it is no name of a host
 */
export function sentServerName(host: string): string | undefined {
  if (isIP(host.replace(/^\[(.*)\]$/, '$1')) !== 0) return undefined
  const name = BESIDE_HOSTS.test(host) ? '' : domainToASCII(host).replace(/\.$/, '')
  const isName =
    name !== '' && name.length <= NAME_MOST && name.split('.').every((label) => LABEL.test(label))
  if (!isName) throw new AivError('E_USAGE', `${JSON.stringify(host)} is no name of a host`)
  // A browser reads numbers such as 127.1 as an address.
  return isIP(name) === 0 ? name : undefined
}
