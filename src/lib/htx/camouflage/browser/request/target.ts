/** Where requests go, as it stands in them. */
import { AivError } from '../../../../core/index.ts'

/** Printable, and without a fragment, which browsers keep to themselves. */
const PATH = /^\/[!"$-~]{0,2047}$/

/** Host and port as they stand in requests. */
export function authorityOf(host: string, port: number): string {
  const name = host.includes(':') && !host.startsWith('[') ? `[${host}]` : host
  return port === 443 ? name : `${name}:${port}`
}

/**
 * What is no path could end its line, and say anything behind it.
 * @throws AivError `E_USAGE`
 */
export function requirePath(path: string): void {
  if (!PATH.test(path))
    throw new AivError('E_USAGE', `${JSON.stringify(path)} is no path of a web site`, {
      hint: 'It begins with / and has neither spaces nor #.',
    })
}
