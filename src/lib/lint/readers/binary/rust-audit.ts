/** The section `.dep-v0` that cargo-auditable writes into Rust programs: zlib around JSON, with its graph. */
import { inflateSync } from 'node:zlib'
import type { Component } from '../../bom/index.ts'
import { formatPurl } from '../../purl/index.ts'
import type { ProjectBuilder } from '../builder.ts'
import { attempt } from '../lock/index.ts'
import { array, field, parseJson, string, UnreadableText } from '../parse/index.ts'
import type { BinaryImage } from './image/image.ts'

/** The largest known have some 100 KiB; the format's own parsers refuse more than this (PARSING.md). */
const MAX_JSON_BYTES = 8 * 1024 * 1024
const SECTION = '.dep-v0'

interface AuditedCrate {
  readonly name: string
  readonly version: string
  /** `crates.io`, `git`, `local`, `registry` */
  readonly source: string
  readonly isBuild: boolean
  readonly isRoot: boolean
  /** Places in the list. */
  readonly dependencies: readonly number[]
}

export interface RustAudit {
  readonly crates: readonly AuditedCrate[]
  readonly root: AuditedCrate
}

/**
 * @returns undefined when the image has no such section
 * @throws UnreadableText when it does not hold what the format asks for: one root, and no circles
 */
export function rustAudit({ sections }: BinaryImage): RustAudit | undefined {
  const section = sections.find(({ name }) => name === SECTION)
  if (section === undefined || section.data.length === 0) return undefined
  const crates = array(field(parseJson(inflated(section.data)), 'packages')).map(crateOf)
  const [root, ...others] = crates.filter(({ isRoot }) => isRoot)
  if (root === undefined || others.length > 0)
    throw broken(`it has ${root === undefined ? 'no root' : 'several roots'}`)
  for (const { name, dependencies } of crates)
    if (dependencies.some((index) => crates[index] === undefined))
      throw broken(`${name} needs a crate that is not there`)
  if (hasCircle(crates)) throw broken('its crates need each other in a circle')
  return { crates, root }
}

/** Adds the crates with their edges; that of the root is the builder's root. */
export function addCrates(builder: ProjectBuilder, { crates }: RustAudit, path: string): void {
  const refs = crates.map((crate) =>
    crate.isRoot
      ? builder.root.ref
      : attempt(builder, { path }, () => builder.add(componentOf(crate, builder.root.ref, path))),
  )
  for (const [index, { dependencies }] of crates.entries())
    for (const dependency of dependencies) {
      const [from, to] = [refs[index], refs[dependency]]
      if (from !== undefined && to !== undefined) builder.depend(from, to)
    }
}

function componentOf(
  { name, version, source, isBuild }: AuditedCrate,
  root: string,
  path: string,
): Component {
  // Of crates from elsewhere the section does not say from where: no package URL finds them.
  const purl = source === 'crates.io' ? formatPurl({ type: 'cargo', name, version }) : undefined
  return {
    ref: purl ?? `${root}#${name}@${version}`,
    type: 'library',
    name,
    version,
    ...(purl === undefined ? {} : { purl }),
    origin: source === 'local' ? 'path' : source === 'git' ? 'git' : 'binary',
    scope: isBuild ? 'dev' : 'required',
    occurrences: [{ path }],
  }
}

function inflated(data: Uint8Array): string {
  let bytes: Uint8Array
  try {
    bytes = inflateSync(data, { maxOutputLength: MAX_JSON_BYTES })
  } catch (cause) {
    const why =
      cause instanceof RangeError ? `it is longer than ${MAX_JSON_BYTES} bytes` : 'it is no zlib stream'
    throw broken(why)
  }
  try {
    return new TextDecoder('utf-8', { fatal: true }).decode(bytes)
  } catch {
    throw broken('it is not UTF-8')
  }
}

function crateOf(value: unknown): AuditedCrate {
  const name = string(field(value, 'name'))
  const version = string(field(value, 'version'))
  if (name === undefined || version === undefined) throw broken('a crate has no name or no version')
  const dependencies = array(field(value, 'dependencies'))
  if (!dependencies.every((index) => Number.isSafeInteger(index)))
    throw broken(`${name} needs something that is no number`)
  return {
    name,
    version,
    source: string(field(value, 'source')) ?? '',
    isBuild: field(value, 'kind') === 'build',
    isRoot: field(value, 'root') === true,
    dependencies: dependencies as readonly number[],
  }
}

/** Takes away what needs nothing, again and again; what is left over needs itself. */
function hasCircle(crates: readonly AuditedCrate[]): boolean {
  const open = crates.map(({ dependencies }) => dependencies.length)
  const neededBy = crates.map((): number[] => [])
  for (const [index, { dependencies }] of crates.entries())
    for (const dependency of dependencies) neededBy[dependency]?.push(index)
  const done = [...open.keys()].filter((index) => open[index] === 0)
  for (let at = 0; at < done.length; at += 1)
    for (const index of neededBy[done[at] as number] ?? []) {
      open[index] = (open[index] as number) - 1
      if (open[index] === 0) done.push(index)
    }
  return done.length < crates.length
}

function broken(why: string): UnreadableText {
  return new UnreadableText(`its section ${SECTION} is broken: ${why}`, { line: 1, column: 1 })
}
