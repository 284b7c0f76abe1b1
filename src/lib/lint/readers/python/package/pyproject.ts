/** pyproject.toml beside a lockfile: what the project is called, and what it asks for directly. */
import type { Party, Scope } from '../../../bom/index.ts'
import { inFolder, type ManifestFacts, personOf, readBeside } from '../../lock/index.ts'
import { array, entries, field, parseToml, string, strings } from '../../parse/index.ts'
import type { ProjectFiles, ReadProblem } from '../../reader.ts'
import type { RootNeed } from './graph.ts'
import { normalizeName } from './name.ts'
import { parseRequirement } from './requirement.ts'

export interface PyProject {
  readonly facts: ManifestFacts
  readonly needs: readonly RootNeed[]
  /** Names of `[project.optional-dependencies]`, normalised. */
  readonly extras: ReadonlySet<string>
}

/** @returns undefined when there is none, or it does not parse, which is a warning then */
export function readPyproject(
  folder: string,
  files: ProjectFiles,
  problems: ReadProblem[],
): PyProject | undefined {
  const path = inFolder(folder, 'pyproject.toml')
  return readBeside(path, problems, () => {
    const text = files.text(path)
    if (text === undefined) return undefined
    const manifest = parseToml(text)
    return { facts: factsOf(manifest), needs: [...needsOf(manifest)], extras: extrasOf(manifest) }
  })
}

function factsOf(manifest: unknown): ManifestFacts {
  const project = field(manifest, 'project')
  const poetry = field(field(manifest, 'tool'), 'poetry')
  const text = (key: string) => string(field(project, key)) ?? string(field(poetry, key))
  const license = field(project, 'license')
  return {
    name: text('name'),
    version: text('version'),
    description: text('description'),
    homepage: homepageOf(field(project, 'urls')) ?? string(field(poetry, 'homepage')),
    license: string(license) ?? shortText(field(license, 'text')) ?? string(field(poetry, 'license')),
    author: authorOf(array(field(project, 'authors'))[0] ?? array(field(poetry, 'authors'))[0]),
  }
}

/** Some put the whole text of the license there. */
function shortText(value: unknown): string | undefined {
  const text = string(value)?.trim()
  return text === undefined || text === '' || text.length > 100 || text.includes('\n') ? undefined : text
}

function homepageOf(urls: unknown): string | undefined {
  for (const wanted of ['homepage', 'repository', 'source'])
    for (const [label, url] of entries(urls)) if (label.toLowerCase() === wanted) return string(url)
  return undefined
}

function authorOf(author: unknown): Party | undefined {
  const text = string(author)
  if (text !== undefined) return personOf(text)
  const name = string(field(author, 'name'))
  return name === undefined ? undefined : { kind: 'person', name, email: string(field(author, 'email')) }
}

function extrasOf(manifest: unknown): ReadonlySet<string> {
  const poetry = field(field(manifest, 'tool'), 'poetry')
  return new Set(
    [
      ...entries(field(field(manifest, 'project'), 'optional-dependencies')),
      ...entries(field(poetry, 'extras')),
    ].map(([name]) => normalizeName(name)),
  )
}

function* needsOf(manifest: unknown): Generator<RootNeed> {
  const project = field(manifest, 'project')
  const tool = field(manifest, 'tool')
  const poetry = field(tool, 'poetry')
  const declared = [...requirements(field(project, 'dependencies'), 'required')]
  const main = [...poetryNeeds(field(poetry, 'dependencies'), 'required')]
  // Beside [project], the table of Poetry only says where packages come from.
  const urls = new Map(main.map(({ name, url }) => [name, url]))
  for (const need of declared) yield { ...need, url: need.url ?? urls.get(need.name) }
  const names = new Set(declared.map(({ name }) => name))
  for (const need of main) if (!names.has(need.name)) yield need
  for (const [, list] of entries(field(project, 'optional-dependencies')))
    yield* requirements(list, 'optional')
  for (const [, list] of entries(field(manifest, 'dependency-groups'))) yield* requirements(list, 'dev')
  for (const [, list] of entries(field(field(tool, 'pdm'), 'dev-dependencies')))
    yield* requirements(list, 'dev')
  yield* requirements(field(field(tool, 'uv'), 'dev-dependencies'), 'dev')
  yield* poetryNeeds(field(poetry, 'dev-dependencies'), 'dev')
  for (const [group, table] of entries(field(poetry, 'group')))
    yield* poetryNeeds(field(table, 'dependencies'), group === 'main' ? 'required' : 'dev')
}

/** Other entries of a group, such as `{include-group = "…"}`, name what is listed elsewhere in the file. */
function* requirements(list: unknown, scope: Scope): Generator<RootNeed> {
  for (const text of strings(list)) {
    const requirement = parseRequirement(text)
    if (requirement === undefined) continue
    const { name, extras, specifier, url } = requirement
    yield { name: normalizeName(name), extras, specifier, url, scope }
  }
}

function* poetryNeeds(table: unknown, scope: Scope): Generator<RootNeed> {
  for (const [name, value] of entries(table)) {
    if (normalizeName(name) === 'python') continue
    for (const one of Array.isArray(value) ? value : [value])
      yield {
        name: normalizeName(name),
        extras: strings(field(one, 'extras')).map(normalizeName),
        specifier: string(one) ?? string(field(one, 'version')),
        url: poetryUrl(one),
        scope: scope === 'required' && field(one, 'optional') === true ? 'optional' : scope,
      }
  }
}

function poetryUrl(need: unknown): string | undefined {
  const git = string(field(need, 'git'))
  if (git === undefined) return string(field(need, 'url')) ?? string(field(need, 'path'))
  const revision = ['rev', 'tag', 'branch']
    .map((key) => string(field(need, key)))
    .find((one) => one !== undefined)
  return `git+${git}${revision === undefined ? '' : `@${revision}`}`
}
