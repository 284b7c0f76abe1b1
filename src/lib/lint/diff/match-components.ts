/** Which component of one inventory is which of another, also when its version changed. */
import { isAivError } from '../../core/index.ts'
import type { Bom, Component } from '../bom/index.ts'
import { formatPurl, parsePurl } from '../purl/index.ts'

export interface ComponentPair {
  readonly before: Component
  readonly after: Component
}

export interface Matching {
  readonly pairs: readonly ComponentPair[]
  readonly removed: readonly Component[]
  readonly added: readonly Component[]
}

type Key = (component: Component) => string | undefined

/** From the surest sign that two components are one to the weakest. Within one sign, versions are paired in order. */
const SIGNS: readonly Key[] = [
  ({ purl }) => purl,
  ({ purl }) => (purl === undefined ? undefined : withoutVersion(purl)),
  ({ name, version }) => `${name}@${version ?? ''}`,
  ({ name, purl }) => (purl === undefined ? name : undefined),
]

export function matchComponents(before: Bom, after: Bom): Matching {
  const pairs: ComponentPair[] = []
  let [left, right]: [readonly Component[], readonly Component[]] = [before.components, after.components]
  const [a, b] = [primaryOf(before), primaryOf(after)]
  // What two documents are about is compared whatever its name.
  if (a !== undefined && b !== undefined) {
    pairs.push({ before: a, after: b })
    left = left.filter((component) => component !== a)
    right = right.filter((component) => component !== b)
  }
  for (const sign of SIGNS) {
    const found = pairBy(sign, left, right)
    const taken = new Set(found.flatMap((pair) => [pair.before, pair.after]))
    for (const one of found) pairs.push(one)
    left = left.filter((component) => !taken.has(component))
    right = right.filter((component) => !taken.has(component))
  }
  return { pairs, removed: left, added: right }
}

function primaryOf({ components, primary }: Bom): Component | undefined {
  return primary === undefined ? undefined : components.find(({ ref }) => ref === primary)
}

function pairBy(
  key: Key,
  before: readonly Component[],
  after: readonly Component[],
): readonly ComponentPair[] {
  const groups = groupBy(key, after)
  return [...groupBy(key, before)].flatMap(([sign, left]) => {
    const right = groups.get(sign) ?? []
    return left.flatMap((component, i) => {
      const partner = right[i]
      return partner === undefined ? [] : [{ before: component, after: partner }]
    })
  })
}

function groupBy(key: Key, components: readonly Component[]): ReadonlyMap<string, readonly Component[]> {
  const groups = new Map<string, Component[]>()
  for (const component of components) {
    const sign = key(component)
    if (sign === undefined) continue
    const group = groups.get(sign)
    if (group === undefined) groups.set(sign, [component])
    else group.push(component)
  }
  for (const group of groups.values()) group.sort(byVersion)
  return groups
}

/** Numbers within versions count as numbers, so that 9 comes before 10. */
function byVersion(a: Component, b: Component): number {
  const [left, right] = [a, b].map(({ version = '' }) => version.split(/(\d+)/)) as [string[], string[]]
  for (let i = 0; i < Math.min(left.length, right.length); i += 1) {
    const [x, y] = [left[i] as string, right[i] as string]
    if (x === y) continue
    const [longer, shorter] = i % 2 === 1 ? [x, y].map((digits) => digits.replace(/^0+/, '').length) : [0, 0]
    if (longer !== shorter) return (longer ?? 0) - (shorter ?? 0)
    return x < y ? -1 : 1
  }
  if (left.length !== right.length) return left.length - right.length
  return a.ref < b.ref ? -1 : Number(a.ref > b.ref)
}

function withoutVersion(purl: string): string {
  try {
    return formatPurl({ ...parsePurl(purl), version: undefined })
  } catch (error) {
    if (isAivError(error, 'E_MALFORMED')) return purl
    throw error
  }
}
