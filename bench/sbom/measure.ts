/** Runs the tools in turns and counts what is in their documents. */
import { spawnSync } from 'node:child_process'
import { readFileSync, rmSync } from 'node:fs'
import { performance } from 'node:perf_hooks'
import type { Call, SbomTool } from './tools.ts'

export interface Sample {
  readonly project: string
  readonly tool: string
  /** Why there are no numbers. */
  readonly failed?: string
  /** Distinct components, the project itself not counted. */
  readonly components: number
  /** Components of other tools that this tool lacks. */
  readonly lacks: readonly string[]
  readonly withHash: number
  readonly withLicense: number
  readonly edges: number
  /** Median of the runs, and each of them. */
  readonly ms: number
  readonly perRun: readonly number[]
}

interface CycloneDx {
  readonly metadata?: { readonly component?: Item }
  readonly components?: readonly Item[]
  readonly dependencies?: readonly { readonly ref: string; readonly dependsOn?: readonly string[] }[]
}

interface Item {
  readonly 'bom-ref'?: string
  readonly group?: string
  readonly name: string
  readonly version?: string
  readonly purl?: string
  readonly hashes?: readonly unknown[]
  readonly licenses?: readonly unknown[]
}

const TIMEOUT_MS = 300_000
const MAX_OUTPUT_BYTES = 256 * 2 ** 20

export function measure(
  project: string,
  folder: string,
  tools: readonly SbomTool[],
  runs: number,
): readonly Sample[] {
  const calls = tools.flatMap((tool) => {
    const call = tool.call(folder, `${folder}.${tool.name.replace(' ', '-')}.json`)
    return call === undefined ? [] : [{ tool: tool.name, call, times: [] as number[], document: '' }]
  })
  // One round that is not counted fills the caches of the disk for all.
  for (let run = -1; run < runs; run += 1)
    for (const entry of calls) {
      const { ms, document } = once(entry.call)
      if (run >= 0) entry.times.push(ms)
      entry.document = document
    }
  const found = calls.map(({ tool, times, document }) => ({ tool, times, ...count(document) }))
  const ours = found[0]?.identities ?? new Set()
  return found.map(({ tool, times, identities, ...counts }, i) => ({
    project,
    tool,
    components: identities.size,
    lacks:
      i > 0 ? [] : found.slice(1).flatMap((other) => [...other.identities].filter((one) => !ours.has(one))),
    ...counts,
    ms: Math.round(median(times)),
    perRun: times.map(Math.round),
  }))
}

function once({ program, args, cwd, file }: Call): { readonly ms: number; readonly document: string } {
  if (file !== undefined) rmSync(file, { force: true })
  const started = performance.now()
  const { stdout } = spawnSync(program, args, {
    cwd,
    encoding: 'utf8',
    timeout: TIMEOUT_MS,
    maxBuffer: MAX_OUTPUT_BYTES,
  })
  const ms = performance.now() - started
  try {
    return { ms, document: file === undefined ? stdout : readFileSync(file, 'utf8') }
  } catch {
    return { ms, document: '' }
  }
}

type Counts = Pick<Sample, 'failed' | 'withHash' | 'withLicense' | 'edges'> & {
  readonly identities: ReadonlySet<string>
}

function count(document: string): Counts {
  let bom: CycloneDx
  try {
    bom = JSON.parse(document) as CycloneDx
  } catch {
    return { failed: 'no document', identities: new Set(), withHash: 0, withLicense: 0, edges: 0 }
  }
  const self = bom.metadata?.component
  const items = (bom.components ?? []).filter((item) => item['bom-ref'] !== self?.['bom-ref'])
  const having = (list: 'hashes' | 'licenses'): number =>
    new Set(items.filter((item) => (item[list]?.length ?? 0) > 0).map(identityOf)).size
  const edges = new Set(
    (bom.dependencies ?? []).flatMap(({ ref, dependsOn = [] }) => dependsOn.map((to) => `${ref} ${to}`)),
  )
  return {
    identities: new Set(items.map(identityOf)),
    withHash: having('hashes'),
    withLicense: having('licenses'),
    edges: edges.size,
  }
}

/** Name and version: tools do not agree whether a folder of the project itself has a package URL. */
function identityOf({ group, name, version = '', purl }: Item): string {
  if (purl !== undefined)
    return decodeURIComponent(purl)
      .replace(/[?#].*$/, '')
      .replace(/^pkg:[^/]+\//, '')
  return `${group === undefined || group === '' ? '' : `${group}/`}${name}@${version}`
}

function median(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
