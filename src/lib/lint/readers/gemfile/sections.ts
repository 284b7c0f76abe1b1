/** The text of a `Gemfile.lock`, cut into what each line is. The form is that of Bundler's own parser. */
import { UnreadableText } from '../parse/index.ts'

/** Sections whose gems have one source, which the first lines of the section name. */
const SOURCE_SECTIONS = ['GEM', 'GIT', 'PATH', 'PLUGIN SOURCE'] as const
export type SourceSection = (typeof SOURCE_SECTIONS)[number]

export interface LockedGem {
  readonly name: string
  readonly version: string
  /** Such as `x86_64-linux`; undefined for gems that run everywhere. */
  readonly platform: string | undefined
  readonly line: number
  /** Names of the gems it needs. */
  readonly needs: string[]
}

export interface GemSource {
  readonly section: SourceSection
  readonly line: number
  /** Values by key, such as `remote` and `revision`; a key may come again. */
  readonly options: Map<string, string[]>
  readonly gems: LockedGem[]
}

export interface GemLock {
  readonly sources: readonly GemSource[]
  /** Names of the gems that the Gemfile asks for; undefined when the section is not there. */
  readonly dependencies: readonly string[] | undefined
  /** SHA-256 in hex by `name version-platform`. */
  readonly checksums: ReadonlyMap<string, string>
}

const CONFLICT = /^(?:<{7}|={7}|>{7}|\|{7})/
const OPTION = /^ {2}([a-z_]+): (.{1,2000})$/
/** Two, four or six blanks, a name, and in brackets a version with its platform, or a requirement. */
const ENTRY =
  /^( {2}| {4}| {6})([^\s()]{1,200})(?: \(([^()-]{0,200})(?:-([^()]{1,200}))?\)|)?(?:!| .{0,500})?$/

/** @throws UnreadableText for the marks of a merge conflict, and for a file without any known section */
export function parseGemLock(text: string): GemLock {
  const sources: GemSource[] = []
  const checksums = new Map<string, string>()
  let dependencies: string[] | undefined
  let section = ''
  let known = false
  for (const [index, written] of text.split('\n').entries()) {
    const content = written.trimEnd()
    const line = index + 1
    if (CONFLICT.test(content))
      throw new UnreadableText('it holds the marks of a merge conflict', { line, column: 1 })
    if (content === '') continue
    if (!content.startsWith(' ')) {
      section = content
      if (isSource(section)) sources.push({ section, line, options: new Map(), gems: [] })
      if (section === 'DEPENDENCIES') dependencies ??= []
      known ||= isSource(section) || section === 'DEPENDENCIES'
    } else if (isSource(section)) readSourceLine(content, line, sources.at(-1))
    else if (section === 'DEPENDENCIES') dependencies?.push(ENTRY.exec(content)?.[2]?.replace(/!$/, '') ?? '')
    else if (section === 'CHECKSUMS') readChecksum(content, checksums)
  }
  if (!known)
    throw new UnreadableText('it is no Gemfile.lock: no known section is there', { line: 1, column: 1 })
  return { sources, dependencies, checksums }
}

function isSource(section: string): section is SourceSection {
  return (SOURCE_SECTIONS as readonly string[]).includes(section)
}

function readSourceLine(content: string, line: number, source: GemSource | undefined): void {
  if (source === undefined) return
  const [, key, value] = OPTION.exec(content) ?? []
  if (key !== undefined && value !== undefined) {
    source.options.set(key, [...(source.options.get(key) ?? []), value])
    return
  }
  const [, indent, name, version, platform] = ENTRY.exec(content) ?? []
  if (name === undefined || indent === undefined) return
  if (indent.length === 4 && version !== undefined)
    source.gems.push({ name, version, platform: platform === 'ruby' ? undefined : platform, line, needs: [] })
  else if (indent.length === 6) source.gems.at(-1)?.needs.push(name.replace(/!$/, ''))
}

function readChecksum(content: string, checksums: Map<string, string>): void {
  const [, name, variant, hash] =
    /^ {2}(\S{1,200}) \(([^()]{1,300})\) sha256=([0-9a-f]{64})\b/.exec(content) ?? []
  if (name !== undefined && variant !== undefined && hash !== undefined)
    checksums.set(`${name} ${variant}`, hash)
}
