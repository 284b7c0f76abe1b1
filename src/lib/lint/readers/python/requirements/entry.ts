/** One line of a requirements file: a requirement, another file, or an option that is of no interest here. */
import type { Hash } from '../../../bom/index.ts'
import {
  type PythonSource,
  parseRequirement,
  pinnedVersion,
  prefixedHash,
  sourceAt,
} from '../package/index.ts'

export type Entry =
  | { readonly kind: 'package'; readonly pack: RequiredPackage }
  | { readonly kind: 'include' | 'constraint'; readonly path: string }
  | { readonly kind: 'index'; readonly url: string }
  | { readonly kind: 'option' }
  | { readonly kind: 'unknown' }

export interface RequiredPackage {
  readonly name: string
  /** Of `==` and `===`, without wildcards and variables. */
  readonly version: string | undefined
  readonly source: PythonSource
  readonly hashes: readonly Hash[]
}

/** More than servers take. */
const MAX_ADDRESS = 8192

const OPTION = /^(-[a-zA-Z]|--[a-z-]+)(?:\s*=\s*|\s*)([\s\S]*)$/

export function entryOf(text: string): Entry {
  const [, option = '', value = ''] = text.startsWith('-') ? (OPTION.exec(text) ?? []) : []
  switch (option) {
    case '':
      return required(text)
    case '-r':
    case '--requirement':
      return { kind: 'include', path: unquoted(value) }
    case '-c':
    case '--constraint':
      return { kind: 'constraint', path: unquoted(value) }
    case '-i':
    case '--index-url':
      return { kind: 'index', url: unquoted(value) }
    case '-e':
    case '--editable':
      return required(unquoted(value))
    default:
      return { kind: 'option' }
  }
}

function unquoted(text: string): string {
  return text.trim().replace(/^(["'])(.*)\1$/, '$2')
}

function required(text: string): Entry {
  const [before = '', ...options] = text.split(/\s+(?=--[a-z])/)
  const hashes = options.flatMap((option) =>
    option.startsWith('--hash')
      ? (prefixedHash(
          option
            .slice('--hash'.length)
            .replace(/^[=\s]+/, '')
            .trim(),
        ) ?? [])
      : [],
  )
  const pack = isAddress(before) ? addressed(before) : named(before)
  return pack === undefined ? { kind: 'unknown' } : { kind: 'package', pack: { ...pack, hashes } }
}

type Pack = Omit<RequiredPackage, 'hashes'>

function named(text: string): Pack | undefined {
  const requirement = parseRequirement(text)
  if (requirement === undefined) return undefined
  const { name, specifier, url } = requirement
  const version = pinnedVersion(specifier)
  if (url === undefined)
    return isSpecifier(specifier) ? { name, version, source: { kind: 'registry' } } : undefined
  const source = sourceAt(url)
  return source === undefined ? undefined : { name, version: version ?? nameInFile(url)?.version, source }
}

function isSpecifier(text: string): boolean {
  return text === '' || /^(?:===|==|!=|~=|<=|>=|<|>)/.test(text)
}

/** An address or a path in the place of a name. */
function isAddress(text: string): boolean {
  return (
    /^(?:[a-z][a-z0-9+.-]*:\/\/|file:|\.{0,2}[/\\]|\.{1,2}(?:\[|$)|[A-Za-z]:[/\\])/i.test(text) ||
    /^[^\s;=<>]+\.(?:whl|zip|tar\.gz)$/.test(text)
  )
}

function addressed(text: string): Pack | undefined {
  const [address = ''] = text.split(/\s+;|\s/)
  const source = address.length > MAX_ADDRESS ? undefined : sourceAt(address)
  if (source === undefined) return undefined
  const egg = /[#&]egg=([A-Za-z0-9][A-Za-z0-9._-]*)/.exec(address)?.[1]
  const file = nameInFile(address)
  const name = egg ?? file?.name ?? lastPart(address)
  return name === undefined
    ? undefined
    : { name, version: egg === undefined ? file?.version : undefined, source }
}

/** `numpy-1.9.2-cp34-none-any.whl`, `numpy-1.9.2.tar.gz` */
function nameInFile(address: string): { readonly name: string; readonly version: string } | undefined {
  const [path = ''] = address.split(/[#?]/)
  const file = path.slice(path.lastIndexOf('/') + 1)
  const [, name, version] =
    /^([A-Za-z0-9._]+)-([^-]+)-[^/]+\.whl$/.exec(file) ??
    /^([A-Za-z0-9._-]+?)-(\d[^-/]*)\.(?:tar\.gz|tar\.bz2|tgz|zip)$/.exec(file) ??
    []
  return name === undefined || version === undefined ? undefined : { name, version: decoded(version) }
}

function decoded(text: string): string {
  return text.replace(/%2B/gi, '+')
}

function lastPart(address: string): string | undefined {
  const [path = ''] = address.split(/[#?]/)
  const part = path
    .replace(/\[[^\]]*\]$/, '')
    .replace(/[/\\]+$/, '')
    .split(/[/\\]/)
    .at(-1)
    ?.replace(/\.git(?:@.*)?$/, '')
  return part === '' || part === '.' || part === '..' ? 'local' : part
}
