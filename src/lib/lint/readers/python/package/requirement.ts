/** One requirement as Python writes it (PEP 508): `name[extra] (>=1.2) ; marker` or `name @ URL`. */
import { normalizeName } from './name.ts'

export interface Requirement {
  /** As written. */
  readonly name: string
  /** Normalised. */
  readonly extras: readonly string[]
  /** Without parentheses; empty where any version will do. */
  readonly specifier: string
  readonly url: string | undefined
  readonly marker: string | undefined
}

/** Far above any real one. */
const MAX_LENGTH = 10_000

const NAME = /^[A-Za-z0-9](?:[A-Za-z0-9._-]*[A-Za-z0-9])?/

/** @returns undefined when the text does not begin with a name */
export function parseRequirement(text: string): Requirement | undefined {
  const written = text.slice(0, MAX_LENGTH).trim()
  const name = NAME.exec(written)?.[0]
  if (name === undefined) return undefined
  let rest = written.slice(name.length).trimStart()
  let extras: string[] = []
  if (rest.startsWith('[')) {
    const end = rest.indexOf(']')
    if (end === -1) return undefined
    extras = rest
      .slice(1, end)
      .split(',')
      .map((extra) => normalizeName(extra.trim()))
      .filter((extra) => extra !== '')
    rest = rest.slice(end + 1).trimStart()
  }
  const border = rest.startsWith('@') ? rest.search(/\s;/) : rest.indexOf(';')
  const head = (border === -1 ? rest : rest.slice(0, border)).trim()
  const marker = border === -1 ? '' : rest.slice(rest.indexOf(';', border) + 1).trim()
  // `name ==1.0 @ URL` is no PEP 508, but is written.
  const at = head.startsWith('@') ? 0 : head.search(/\s@\s/)
  const specifier = at === -1 ? head : head.slice(0, at)
  return {
    name,
    extras,
    specifier: specifier.trim().replace(/^\(([^()]*)\)$/, '$1'),
    url: at === -1 ? undefined : head.slice(head.indexOf('@', at) + 1).trim(),
    marker: marker === '' ? undefined : marker,
  }
}

/** The one version that a specifier leaves. */
export function pinnedVersion(specifier: string): string | undefined {
  for (const clause of specifier.split(',')) {
    const [, version] = /^={2,3}\s*([^\s*$]+)$/.exec(clause.trim()) ?? []
    if (version !== undefined) return version
  }
  return undefined
}
