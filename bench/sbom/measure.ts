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
  /** Distinct package URLs, that of the project itself not counted. */
  readonly purls: number
  /** Package URLs of other tools, from the same kinds of files, that this tool lacks. */
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
  const ours = found[0]?.purls ?? new Set()
  return found.map(({ tool, times, purls, ...counts }, i) => ({
    project,
    tool,
    purls: purls.size,
    lacks: i > 0 ? [] : found.slice(1).flatMap((other) => [...other.purls].filter((purl) => !ours.has(purl))),
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

function count(document: string): Omit<Sample, 'project' | 'tool' | 'purls' | 'ms' | 'perRun' | 'lacks'> & {
  readonly purls: ReadonlySet<string>
} {
  let bom: CycloneDx
  try {
    bom = JSON.parse(document) as CycloneDx
  } catch {
    return { failed: 'no document', purls: new Set(), withHash: 0, withLicense: 0, edges: 0 }
  }
  const self = bom.metadata?.component?.purl
  const items = (bom.components ?? []).filter(({ purl }) => purl !== undefined && purl !== self)
  const having = (list: 'hashes' | 'licenses'): number =>
    new Set(items.filter((item) => (item[list]?.length ?? 0) > 0).map(({ purl }) => purl)).size
  const edges = new Set(
    (bom.dependencies ?? []).flatMap(({ ref, dependsOn = [] }) => dependsOn.map((to) => `${ref} ${to}`)),
  )
  return {
    purls: new Set(items.map(({ purl = '' }) => decodeURIComponent(purl).replace(/[?#].*$/, ''))),
    withHash: having('hashes'),
    withLicense: having('licenses'),
    edges: edges.size,
  }
}

function median(times: readonly number[]): number {
  const sorted = [...times].sort((a, b) => a - b)
  const middle = Math.floor(sorted.length / 2)
  return sorted.length % 2 === 1
    ? (sorted[middle] ?? 0)
    : ((sorted[middle - 1] ?? 0) + (sorted[middle] ?? 0)) / 2
}
