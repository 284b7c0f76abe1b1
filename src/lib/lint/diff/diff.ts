/** What is different between two inventories, whatever their formats and the tools that made them. */
import type { Bom, Component, Hash } from '../bom/index.ts'
import { canonicalLicense } from '../licenses/index.ts'
import { type ComponentPair, matchComponents } from './match-components.ts'

/** What of a component can change. `hash`: the same version has other content. */
export const CHANGE_FIELDS = [
  'version',
  'name',
  'purl',
  'license',
  'hash',
  'scope',
  'supplier',
  'dependencies',
] as const
export type ChangeField = (typeof CHANGE_FIELDS)[number]

export interface Change {
  readonly field: ChangeField
  /** Undefined: there was none. A list for hashes and dependencies: those that are gone. */
  readonly before?: string | readonly string[] | undefined
  /** As `before`; a list has those that came. */
  readonly after?: string | readonly string[] | undefined
}

export interface ChangedComponent {
  readonly before: Component
  readonly after: Component
  /** In the order of {@link CHANGE_FIELDS}; not empty. */
  readonly changes: readonly Change[]
}

export interface BomDiff {
  /** Sorted by ref. */
  readonly added: readonly Component[]
  readonly removed: readonly Component[]
  readonly changed: readonly ChangedComponent[]
}

/** The documents' own data, such as the time and the tool, are not compared. */
export function diffBoms(before: Bom, after: Bom): BomDiff {
  const { pairs, added, removed } = matchComponents(before, after)
  const partners = new Map(pairs.map((pair) => [pair.before.ref, pair.after.ref]))
  const edges = new EdgeChanges(before, after, partners)
  const changed = pairs
    .map((pair) => ({ ...pair, changes: [...fieldChanges(pair), ...edges.of(pair)] }))
    .filter(({ changes }) => changes.length > 0)
    .sort((a, b) => byRef(a.after, b.after))
  return { added: [...added].sort(byRef), removed: [...removed].sort(byRef), changed }
}

/** How people call a component: its package URL, else its name and version. */
export function labelOf({ purl, name, version }: Component): string {
  return purl ?? (version === undefined ? name : `${name}@${version}`)
}

function fieldChanges({ before, after }: ComponentPair): readonly Change[] {
  const sameVersion = before.version === after.version
  return [
    change('version', before.version, after.version),
    change('name', before.name, after.name),
    // Another version is another package URL anyway.
    ...(sameVersion ? [change('purl', before.purl, after.purl)] : []),
    change('license', licenseOf(before), licenseOf(after)),
    ...(sameVersion ? [hashChange(before.hashes ?? [], after.hashes ?? [])] : []),
    change('scope', before.scope, after.scope),
    change('supplier', before.supplier?.name, after.supplier?.name),
  ].filter((item) => item !== undefined)
}

function change(
  field: ChangeField,
  before: string | undefined,
  after: string | undefined,
): Change | undefined {
  return before === after ? undefined : { field, before, after }
}

function licenseOf({ licenses }: Component): string | undefined {
  const license = licenses?.concluded ?? licenses?.declared
  return license === undefined ? undefined : canonicalLicense(license)
}

/** Two hashes of different algorithms say nothing about whether the content is the same. */
function hashChange(before: readonly Hash[], after: readonly Hash[]): Change | undefined {
  const known = (hashes: readonly Hash[], { algorithm }: Hash): boolean =>
    hashes.length === 0 || hashes.some((hash) => hash.algorithm === algorithm)
  const lacks = (hashes: readonly Hash[], { algorithm, value }: Hash): boolean =>
    !hashes.some((hash) => hash.algorithm === algorithm && hash.value === value)
  const gone = before.filter((hash) => known(after, hash) && lacks(after, hash))
  const come = after.filter((hash) => known(before, hash) && lacks(before, hash))
  if (gone.length === 0 && come.length === 0) return undefined
  return { field: 'hash', before: gone.map(hashText).sort(), after: come.map(hashText).sort() }
}

function hashText({ algorithm, value }: Hash): string {
  return `${algorithm}:${value}`
}

class EdgeChanges {
  readonly #before: Bom
  readonly #after: Bom
  readonly #partners: ReadonlyMap<string, string>
  readonly #labels: readonly [ReadonlyMap<string, string>, ReadonlyMap<string, string>]

  constructor(before: Bom, after: Bom, partners: ReadonlyMap<string, string>) {
    this.#before = before
    this.#after = after
    this.#partners = partners
    this.#labels = [labelsOf(before), labelsOf(after)]
  }

  /** A dependency that only has another version now is still the same dependency. */
  of({ before, after }: ComponentPair): readonly Change[] {
    const old = this.#before.dependencies.get(before.ref)?.on ?? []
    const now = new Set(this.#after.dependencies.get(after.ref)?.on ?? [])
    const kept = new Set(old.map((ref) => this.#partners.get(ref)).filter((ref) => ref !== undefined))
    const gone = old.filter((ref) => !now.has(this.#partners.get(ref) ?? ''))
    const come = [...now].filter((ref) => !kept.has(ref))
    if (gone.length === 0 && come.length === 0) return []
    const [left, right] = this.#labels
    return [
      {
        field: 'dependencies',
        before: gone.map((ref) => left.get(ref) ?? ref).sort(),
        after: come.map((ref) => right.get(ref) ?? ref).sort(),
      },
    ]
  }
}

function labelsOf({ components }: Bom): ReadonlyMap<string, string> {
  return new Map(components.map((component) => [component.ref, labelOf(component)]))
}

function byRef(a: Component, b: Component): number {
  return a.ref < b.ref ? -1 : Number(a.ref > b.ref)
}
