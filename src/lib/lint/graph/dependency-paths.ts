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

/** A graph can have more paths than atoms. Counted are the components of partial paths that are looked at. */
const MAX_WORK = 20_000_000
/** What keeping a partial path counts: they fill the memory long before the time is over. */
const PATH_COST = 10

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
  for (const start of starts.toReversed())
    open.put({ ref: start, before: undefined, length: 1 }, distance.get(start) ?? 0)
  let work = 0
  for (let path = open.take(); path !== undefined; path = open.take()) {
    if (path.ref === target) {
      if (paths.length >= maxPaths) return { paths, more: true }
      paths.push(refsOf(path))
      continue
    }
    const on = bom.dependencies.get(path.ref)?.on ?? []
    work += path.length + on.length * PATH_COST
    if (work > MAX_WORK) return { paths, more: true }
    const taken = new Set(refsOf(path))
    for (const next of on.toReversed()) {
      const left = distance.get(next)
      if (left !== undefined && !taken.has(next))
        open.put({ ref: next, before: path, length: path.length + 1 }, path.length + left)
    }
  }
  return { paths, more: false }
}

/** A partial path, by its end: those that share a beginning share its memory. */
interface Path {
  readonly ref: string
  readonly before: Path | undefined
  /** Components. */
  readonly length: number
}

function refsOf(path: Path): readonly string[] {
  const refs: string[] = []
  for (let at: Path | undefined = path; at !== undefined; at = at.before) refs.push(at.ref)
  return refs.reverse()
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
  readonly #buckets: Path[][] = []
  #least = 0

  put(path: Path, length: number): void {
    for (let i = this.#buckets.length; i <= length; i += 1) this.#buckets.push([])
    this.#buckets[length]?.push(path)
    this.#least = Math.min(this.#least, length)
  }

  take(): Path | undefined {
    for (; this.#least < this.#buckets.length; this.#least += 1) {
      const path = this.#buckets[this.#least]?.pop()
      if (path !== undefined) return path
    }
    return undefined
  }
}
