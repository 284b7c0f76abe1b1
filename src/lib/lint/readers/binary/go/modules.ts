/** The modules of a Go program, as text lines that are divided by tabs (`runtime/debug`, `BuildInfo.String`). */
import { AivError } from '../../../../core/index.ts'

export interface LinkedModule {
  readonly path: string
  /** `v1.2.3`; `(devel)` or nothing for what was built from a folder. */
  readonly version: string
  /** `h1:…`; the main module has none. */
  readonly sum: string | undefined
  /** What was linked in its place. */
  readonly replacement: LinkedModule | undefined
}

export interface LinkedModules {
  /** Import path of the program. */
  readonly program: string | undefined
  readonly main: LinkedModule | undefined
  readonly dependencies: readonly LinkedModule[]
  /** `GOOS`, `vcs.revision` and others, by name. */
  readonly settings: ReadonlyMap<string, string>
  /** Lines that say nothing known. */
  readonly odd: number
}

/** The largest known programs link some thousand modules. */
const MAX_LINES = 50_000

/** @throws AivError `E_TOO_LARGE` */
export function parseLinkedModules(text: string): LinkedModules {
  let program: string | undefined
  let main: LinkedModule | undefined
  const dependencies: LinkedModule[] = []
  const settings = new Map<string, string>()
  let odd = 0
  let last: 'mod' | 'dep' | undefined
  const lines = text.split('\n', MAX_LINES + 1)
  if (lines.length > MAX_LINES)
    throw new AivError('E_TOO_LARGE', `its build information has more than ${MAX_LINES} lines`)
  for (const line of lines) {
    const [word, ...fields] = line.split('\t')
    const module = moduleOf(fields)
    if (line === '') continue
    if (word === 'path') program = fields[0]
    else if (word === 'mod' && module !== undefined) {
      main = module
      last = word
    } else if (word === 'dep' && module !== undefined) {
      dependencies.push(module)
      last = word
    } else if (word === '=>' && module !== undefined && last !== undefined) {
      // It belongs to the line before.
      if (last === 'mod' && main !== undefined) main = { ...main, replacement: module }
      const replaced = dependencies.at(-1)
      if (last === 'dep' && replaced !== undefined)
        dependencies[dependencies.length - 1] = { ...replaced, replacement: module }
      last = undefined
    } else if (word === 'build') {
      const [, name, value] = /^([^="`\s]+)=(.*)$/.exec(fields.join('\t')) ?? []
      if (name !== undefined && value !== undefined) settings.set(name, value)
    } else odd += 1
  }
  return { program, main, dependencies, settings, odd }
}

function moduleOf([path, version, sum]: readonly string[]): LinkedModule | undefined {
  if (path === undefined || path === '') return undefined
  return { path, version: version ?? '', sum: sum === '' ? undefined : sum, replacement: undefined }
}
