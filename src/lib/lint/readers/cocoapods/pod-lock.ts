/** The text of a `Podfile.lock`: YAML whose lists hold `Name/Subspec (version)`. */
import { array, entries, field, isTable, parseYaml, string, strings, UnreadableText } from '../parse/index.ts'

export interface LockedPod {
  /** With its subspec: `Firebase/Core`. */
  readonly name: string
  readonly version: string | undefined
  /** Names of the pods it needs, with their subspecs. */
  readonly needs: readonly string[]
}

export interface PodLock {
  readonly pods: readonly LockedPod[]
  readonly dependencies: readonly string[]
  /** By name without subspec: where a pod comes from that no repository of specifications has. */
  readonly external: ReadonlyMap<string, unknown>
  /** By name without subspec: what was checked out of version control. */
  readonly checkouts: ReadonlyMap<string, unknown>
  /** By name without subspec: the repository of specifications; `trunk` for the public one. */
  readonly repositories: ReadonlyMap<string, string>
  /** By name without subspec: SHA-1 of the specification, which is not the archive. */
  readonly checksums: ReadonlyMap<string, string>
}

/** @throws UnreadableText */
export function parsePodLock(text: string): PodLock {
  const [lock] = parseYaml(text)
  if (!isTable(lock) || !Array.isArray(field(lock, 'PODS')))
    throw new UnreadableText('it is no Podfile.lock: the list PODS is not there', { line: 1, column: 1 })
  const repositories = new Map<string, string>()
  for (const [repository, names] of entries(field(lock, 'SPEC REPOS')))
    for (const name of strings(names)) repositories.set(name, repository)
  return {
    pods: array(field(lock, 'PODS')).flatMap(podsOf),
    dependencies: strings(field(lock, 'DEPENDENCIES')).map(nameOfEntry),
    external: new Map(entries(field(lock, 'EXTERNAL SOURCES'))),
    checkouts: new Map(entries(field(lock, 'CHECKOUT OPTIONS'))),
    repositories,
    checksums: new Map(
      entries(field(lock, 'SPEC CHECKSUMS')).flatMap(([name, value]) => {
        // Forty digits without a letter are a number in YAML, and lose most of them: such a checksum is left out.
        const checksum = string(value)
        return checksum === undefined ? [] : [[name, checksum] as const]
      }),
    ),
  }
}

/** A text without dependencies, a table of one key with them. */
function podsOf(item: unknown): readonly LockedPod[] {
  if (typeof item === 'string') return [podOf(item, [])]
  return entries(item).map(([entry, needs]) => podOf(entry, strings(needs).map(nameOfEntry)))
}

function podOf(entry: string, needs: readonly string[]): LockedPod {
  const version = /\(([^()]{1,200})\)\s*$/.exec(entry)?.[1]
  return { name: nameOfEntry(entry), version, needs }
}

function nameOfEntry(entry: string): string {
  const bracket = entry.indexOf(' (')
  return (bracket === -1 ? entry : entry.slice(0, bracket)).trim()
}
