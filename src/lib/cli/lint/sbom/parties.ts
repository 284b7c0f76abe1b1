/** `--author` and `--supplier` of `aiv lint sbom`. */
import { AivError } from '../../../core/index.ts'
import type { Party } from '../../../lint/index.ts'

/**
 * @param text `NAME`, `NAME <mail>`, or either behind `Person:` or `Organization:`, which is what SPDX writes
 * @throws AivError `E_USAGE`
 */
export function parseParty(text: string, flag: string, usual: Party['kind']): Party {
  const [, kind, name = '', email] =
    /^\s*(?:(person|organization):)?\s*([^<>()]{1,200}?)\s*(?:[<(]([^<>()\s]{3,254})[>)])?\s*$/i.exec(text) ??
    []
  if (name === '')
    throw new AivError('E_USAGE', `--${flag} ${text} names nobody`, {
      hint: `Write it as --${flag} "Organization: Example Ltd <security@example.com>"`,
    })
  return {
    kind: kind === undefined ? usual : (kind.toLowerCase() as Party['kind']),
    name,
    ...(email === undefined ? {} : { email }),
  }
}
