/** What follows when a lockfile has the graph but not which packages the project itself asks for. */

/**
 * A locked package that no other locked package needs is there because the project needs it. The project may need
 * more than these, so its own dependencies stay `incomplete`.
 * @returns the refs that no edge leads to; of a cycle that nothing else reaches, its first member
 */
export function unneeded(
  refs: readonly string[],
  edges: readonly (readonly [string, string])[],
): readonly string[] {
  const needs = new Map<string, string[]>()
  const needed = new Set<string>()
  for (const [from, to] of edges) {
    if (from === to) continue
    needed.add(to)
    const list = needs.get(from)
    if (list === undefined) needs.set(from, [to])
    else list.push(to)
  }
  const direct = refs.filter((ref) => !needed.has(ref))
  const reached = new Set<string>()
  for (const ref of direct) reach(ref, needs, reached)
  for (const ref of [...refs].sort()) {
    if (reached.has(ref)) continue
    direct.push(ref)
    reach(ref, needs, reached)
  }
  return direct
}

function reach(start: string, needs: ReadonlyMap<string, readonly string[]>, reached: Set<string>): void {
  const open = [start]
  for (let ref = open.pop(); ref !== undefined; ref = open.pop()) {
    if (reached.has(ref)) continue
    reached.add(ref)
    for (const to of needs.get(ref) ?? []) open.push(to)
  }
}
