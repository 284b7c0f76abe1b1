/** Imports go one way: an area of `src/lib` knows only the areas to its left, and only through their entries. */
import { readSources, type SourceFile } from './sources.ts'

/** Areas between the same signs do not know each other. */
const LAYERS: readonly (readonly string[])[] = [
  ['core'],
  ['bench', 'crypto'],
  ['identity', 'storage', 'link'],
  ['noise', 'tls'],
  ['htx', 'sphinx', 'bundle'],
  ['mix', 'mesh', 'groups', 'navigator'],
  ['dtn', 'receipts'],
  ['fabric'],
  ['vault'],
  ['fl'],
  ['bridge', 'lint'],
  ['cli'],
]

/** Files of an area that others may import; all but `index.ts` only on demand, because start-up time is a feature. */
const ENTRIES = [
  'index.ts',
  'vectors.ts',
  'vectors/index.ts',
  'demo.ts',
  'demo/index.ts',
  'bench.ts',
  'bench/index.ts',
]

/** Small entries of an area for code that must start fast. */
const LIGHT_ENTRIES = ['digest.ts']

/** Areas of many independent parts have one entry a part, loaded on demand too. */
const AREAS_OF_PARTS = ['lint', 'mix']
const PART_ENTRY = /^[a-z-]+\/index\.ts$/

/** Primitives have one door. */
const CRYPTO_ONLY = /^(node:)?crypto$|^@(?:noble|hpke)\//

/** One line for each import that breaks a rule. */
export function layeringProblems(root: string): string[] {
  return readSources(root, ['src']).flatMap((file) =>
    file.imports.flatMap((statement) => {
      const problem = problemOf(file, statement)
      return problem === undefined ? [] : [`${file.path}: ${problem}`]
    }),
  )
}

function problemOf(
  file: SourceFile,
  { specifier, target, lazy }: SourceFile['imports'][number],
): string | undefined {
  const from = areaOf(file.path)
  if (CRYPTO_ONLY.test(specifier) && from !== 'crypto') return `${specifier} is for src/lib/crypto alone`
  if (target === undefined) return undefined
  if (!/\.(ts|tsx|json)$/.test(target)) return `${specifier} has no .ts extension`
  if (target.startsWith('src/commands/') && from !== undefined)
    return `${specifier}: the library knows no command`
  const to = areaOf(target)
  if (to === undefined || from === to) return undefined
  if (from !== undefined && from !== 'index') {
    const fromLayer = layerOf(from)
    if (fromLayer === -1) return `${from} has no place in the order of layers`
    if (layerOf(to) >= fromLayer) return `${from} may not know ${to}`
  }
  if (layerOf(to) === -1) return `${to} has no place in the order of layers`
  if (isOwnTopic(file.path, target)) return undefined
  const entry = target.slice(`src/lib/${to}/`.length)
  const isPart = AREAS_OF_PARTS.includes(to) && PART_ENTRY.test(entry)
  if (LIGHT_ENTRIES.includes(entry)) return undefined
  if (!ENTRIES.includes(entry) && !isPart) return `${specifier} is inside ${to}: import its index.ts`
  if (entry !== 'index.ts' && !lazy) return `${specifier} is loaded on demand only: use import()`
  return undefined
}

/** What the commands of one topic share stands in `src/lib/cli/<topic>/` and is theirs alone. */
function isOwnTopic(command: string, target: string): boolean {
  const [, topic] = /^src\/commands\/([^/]+)\//.exec(command) ?? []
  return topic !== undefined && target.startsWith(`src/lib/cli/${topic}/`)
}

/** The area of a path under `src/lib`; `index` for the library's own entry; undefined outside the library. */
function areaOf(path: string): string | undefined {
  const [, rest] = /^src\/lib\/(.+)$/.exec(path) ?? []
  if (rest === undefined) return undefined
  const [area] = rest.split('/')
  return rest.includes('/') ? area : 'index'
}

function layerOf(area: string): number {
  return LAYERS.findIndex((layer) => layer.includes(area))
}
