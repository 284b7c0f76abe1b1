/** How a component got into an inventory: the paths of dependencies that lead to it. */
import type { Bom } from '../bom/index.ts'

export interface DependencyPaths {
  /** {@link Component.ref}, from where a path begins to the target; shortest first, no component twice in one. */
  readonly paths: readonly (readonly string[])[]
  /** There are more than were asked for, or more than could be looked at. */
  readonly more: boolean
}

export interface PathOptions {
  /** How many paths at most; default 20. */
  readonly maxPaths?: number | undefined
}

const MAX_PATHS = 20

/** Partial paths that are looked at: a graph can have more paths than atoms. */
const MAX_STEPS = 200_000

/**
 * Paths from the component that the document is about; from those that nothing depends on, where it does not lead to
 * the target or is not known. Empty when nothing depends on the target.
 * @param target a {@link Component.ref}
 */
export function dependencyPaths(
  bom: Bom,
  target: string,
  { maxPaths = MAX_PATHS }: PathOptions = {},
): DependencyPaths {
  const distance = distancesTo(bom, target)
  const starts = startsOf(bom, target, distance)
  const paths: (readonly string[])[] = []
  const open = new Buckets()
  for (const start of starts.toReversed()) open.put([start], distance.get(start) ?? 0)
  let steps = 0
  for (let path = open.take(); path !== undefined; path = open.take()) {
    const last = path.at(-1) as string
    if (last === target) {
      if (paths.length >= maxPaths) return { paths, more: true }
      paths.push(path)
      continue
    }
    steps += 1
    if (steps > MAX_STEPS) return { paths, more: true }
    for (const next of (bom.dependencies.get(last)?.on ?? []).toReversed()) {
      const left = distance.get(next)
      if (left !== undefined && !path.includes(next)) open.put([...path, next], path.length + left)
    }
  }
  return { paths, more: false }
}

/** Steps from each component to the target, for those that lead there. */
function distancesTo({ dependencies }: Bom, target: string): ReadonlyMap<string, number> {
  const dependents = new Map<string, string[]>()
  for (const [from, { on }] of dependencies) {
    for (const to of on) {
      const list = dependents.get(to)
      if (list === undefined) dependents.set(to, [from])
      else list.push(from)
    }
  }
  const distance = new Map([[target, 0]])
  let edge = [target]
  for (let steps = 1; edge.length > 0; steps += 1) {
    const next: string[] = []
    for (const to of edge)
      for (const from of dependents.get(to) ?? [])
        if (!distance.has(from)) {
          distance.set(from, steps)
          next.push(from)
        }
    edge = next
  }
  return distance
}

function startsOf(bom: Bom, target: string, distance: ReadonlyMap<string, number>): readonly string[] {
  if (bom.primary === target) return []
  if (bom.primary !== undefined && distance.has(bom.primary)) return [bom.primary]
  const needed = new Set([...bom.dependencies.values()].flatMap(({ on }) => on))
  return [...distance.keys()].filter((ref) => ref !== target && !needed.has(ref)).sort()
}

/**
 * Partial paths by how long they will be at least, so that the shortest come first. Of those that promise the same the
 * newest goes first: it is the nearest to the target, while the older ones could be more than memory holds.
 */
class Buckets {
  readonly #buckets: (readonly string[])[][] = []
  #least = 0

  put(path: readonly string[], length: number): void {
    for (let i = this.#buckets.length; i <= length; i += 1) this.#buckets.push([])
    this.#buckets[length]?.push(path)
    this.#least = Math.min(this.#least, length)
  }

  take(): readonly string[] | undefined {
    for (; this.#least < this.#buckets.length; this.#least += 1) {
      const path = this.#buckets[this.#least]?.pop()
      if (path !== undefined) return path
    }
    return undefined
  }
}
