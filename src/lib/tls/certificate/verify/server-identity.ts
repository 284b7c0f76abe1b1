/** Whether a certificate is for the server that was asked for (RFC 9525; subjectAltName alone, never the common name). */
import { equal } from '../../../core/index.ts'
import { sentServerName } from '../../browser/build/server-name.ts'
import { ipBytes } from '../ip-address.ts'
import { dnsText, GENERAL_NAME, type GeneralName } from '../x509/general-names.ts'

/** A wildcard stands before at least two labels: nobody owns `*.com`. */
const WILDCARD_LABELS_LEAST = 3

export type ServerIdentity = { readonly ip: Uint8Array } | { readonly dns: string }

/**
 * @param host DNS name (a dot at the end and letters beyond ASCII as in a URL) or IP address, also in brackets
 * @throws AivError `E_USAGE` when it is neither
 */
export function serverIdentity(host: string): ServerIdentity {
  const ip = ipBytes(host.replace(/^\[(.*)\]$/, '$1'))
  if (ip !== undefined) return { ip }
  const dns = sentServerName(host)
  // Numbers such as 127.1 are an address to a browser, and no name.
  return dns === undefined ? serverIdentity(new URL(`http://${host}`).hostname) : { dns }
}

export function isNamed(identity: ServerIdentity, names: readonly GeneralName[]): boolean {
  if ('ip' in identity)
    return names.some(({ tag, value }) => tag === GENERAL_NAME.IP && equal(value, identity.ip))
  return names.some((name) => name.tag === GENERAL_NAME.DNS && dnsMatches(dnsText(name), identity.dns))
}

/** Both in lower case. A wildcard is a whole first label and stands for exactly one. */
function dnsMatches(presented: string | undefined, wanted: string): boolean {
  if (presented === wanted) return true
  if (presented?.startsWith('*.') !== true) return false
  const labels = wanted.split('.')
  return labels.length >= WILDCARD_LABELS_LEAST && presented.slice(2) === labels.slice(1).join('.')
}
