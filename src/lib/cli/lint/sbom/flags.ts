/** Values of the flags of `aiv lint sbom`. */
import { AivError } from '../../../core/index.ts'
import type { BomFormat, Party } from '../../../lint/index.ts'
import { BOM_FORMATS } from '../../../lint/index.ts'

/** One document to write. */
export interface OutputTarget {
  readonly format: BomFormat
  /** Undefined for stdout. */
  readonly file: string | undefined
}

/** @param text `FMT=FILE` @throws AivError `E_USAGE` */
export function parseOutput(text: string): OutputTarget {
  const at = text.indexOf('=')
  const format = BOM_FORMATS.find((name) => name === text.slice(0, at))
  const file = text.slice(at + 1)
  if (at !== -1 && format !== undefined && file !== '')
    return { format, file: file === '-' ? undefined : file }
  throw new AivError('E_USAGE', `--output ${text} is not FORMAT=FILE`, {
    hint: `The formats are ${BOM_FORMATS.join(', ')}, as in --output cdx-json=bom.json`,
  })
}

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
