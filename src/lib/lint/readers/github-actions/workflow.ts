/** GitHub workflows and actions: what builds the product. What their actions do in turn is not in the project. */
import { type Component, NAMELESS } from '../../bom/index.ts'
import { formatPurl } from '../../purl/index.ts'
import { ProjectBuilder } from '../builder.ts'
import { attempt, nameOf, oneProject, readLockfile, resolveInside } from '../lock/index.ts'
import { array, entries, field, string } from '../parse/shape.ts'
import { parseYaml } from '../parse/yaml.ts'
import type { Reader, ReadResult } from '../reader.ts'
import { type Image, parseImage, parseUse, type Use } from './uses.ts'

export const githubActionsReader: Reader = {
  id: 'github-actions',
  read: (path, files) => readLockfile(path, files, (text) => readWorkflow(text, path)),
}

function readWorkflow(text: string, path: string): ReadResult {
  const [document] = parseYaml(text)
  const uses = usesOf(document)
  const [lines, tags] = placesOf(text)
  const repository = repositoryOf(path)
  const builder = new ProjectBuilder(rootOf(path, document, repository))
  for (const written of new Set(uses.actions)) {
    const place = { path, line: lines.get(written) }
    const use = parseUse(written)
    if (use === undefined)
      builder.warn(`${JSON.stringify(written).slice(0, 200)} names no action; it is left out`, place)
    else add(builder, componentOf(use, { repository, tag: tags.get(written) }), place)
  }
  for (const written of new Set(uses.images)) {
    const place = { path, line: lines.get(written) }
    const image = parseImage(written)
    if (image !== undefined) add(builder, () => imageComponent(image), place)
    else builder.warn(`${JSON.stringify(written).slice(0, 200)} names no image; it is left out`, place)
  }
  return oneProject(builder)
}

type Made = Omit<Component, 'scope' | 'occurrences'>

function add(
  builder: ProjectBuilder,
  make: () => Made,
  place: { path: string; line: number | undefined },
): void {
  const { path, line } = place
  const occurrence = line === undefined ? { path } : { path, line }
  attempt(builder, occurrence, () => {
    const ref = builder.add({ ...make(), scope: 'dev', occurrences: [occurrence] })
    builder.depend(builder.root.ref, ref)
    builder.incomplete(ref, 'unknown')
  })
}

/** The folder that `uses: ./…` begins at. */
function repositoryOf(path: string): string {
  const at = `/${path}`.indexOf('/.github/')
  return at <= 0 ? '.' : path.slice(0, at - 1)
}

/** A workflow belongs to the repository; an action in a folder of its own is a part of it. */
function rootOf(path: string, document: unknown, repository: string): Component {
  const isWorkflow = /(?:^|\/)\.github\/workflows\/[^/]+$/.test(path)
  const slash = path.lastIndexOf('/')
  const folder = isWorkflow ? repository : slash === -1 ? '.' : path.slice(0, slash)
  // What an action is called on the marketplace is not the name of the project that it lies in.
  const given = isWorkflow || folder === '.' ? undefined : string(field(document, 'name'))
  return {
    ref: `path:${folder}`,
    type: 'application',
    name: given ?? (folder === '.' ? NAMELESS : nameOf(folder)),
    origin: 'workspace',
    scope: isWorkflow || folder === '.' ? 'required' : 'dev',
  }
}

/** Steps of jobs and of composite actions, reusable workflows, containers and services. */
function usesOf(document: unknown): { readonly actions: string[]; readonly images: string[] } {
  const actions: string[] = []
  const images: string[] = []
  const take = (list: string[], value: unknown): void => {
    const text = string(value)
    if (text !== undefined) list.push(text)
  }
  const steps = (value: unknown): void => {
    for (const step of array(value)) take(actions, field(step, 'uses'))
  }
  const image = (value: unknown): void => {
    const text = string(value) ?? string(field(value, 'image'))
    if (text !== undefined && !text.includes('${{')) images.push(text)
  }
  for (const [, job] of entries(field(document, 'jobs'))) {
    take(actions, field(job, 'uses'))
    steps(field(job, 'steps'))
    image(field(job, 'container'))
    for (const [, service] of entries(field(job, 'services'))) image(service)
  }
  const runs = field(document, 'runs')
  steps(field(runs, 'steps'))
  const built = string(field(runs, 'image'))
  if (built?.startsWith('docker://') === true) actions.push(built)
  return { actions, images }
}

/** First lines of what is used, and the version that a comment behind a commit names: `# v4.2.0`. */
function placesOf(text: string): readonly [ReadonlyMap<string, number>, ReadonlyMap<string, string>] {
  const lines = new Map<string, number>()
  const tags = new Map<string, string>()
  for (const [index, line] of text.split('\n').entries()) {
    const [, value, comment] =
      /^[\s-]*(?:uses|image|container)\s*:\s*["']?([^\s"'#]+)["']?(?:\s+#\s*(\S+))?/.exec(line) ?? []
    if (value === undefined || lines.has(value)) continue
    lines.set(value, index + 1)
    if (comment !== undefined && /^v?\d+(?:\.\d+)*\S*$/.test(comment)) tags.set(value, comment)
  }
  return [lines, tags]
}

function componentOf(
  use: Use,
  { repository, tag }: { readonly repository: string; readonly tag: string | undefined },
): () => Made {
  if (use.kind === 'image') return () => imageComponent(use.image)
  if (use.kind === 'local') {
    const { path } = resolveInside(repository, use.path)
    return () => ({ ref: `path:${path}`, type: 'application', name: nameOf(path), origin: 'path' })
  }
  const { owner, name, subpath, ref } = use
  const isCommit = /^[0-9a-f]{40}$/.test(ref)
  return () => {
    const purl = formatPurl({ type: 'github', namespace: owner, name, version: ref, subpath })
    return {
      ref: purl,
      type: 'application',
      name: [owner, name, ...(subpath === undefined ? [] : [subpath])].join('/'),
      version: ref,
      purl,
      origin: 'git',
      source: { url: `https://github.com/${owner}/${name}`, revision: isCommit ? ref : undefined },
      supplier: { kind: 'organization', name: owner, url: `https://github.com/${owner}` },
      properties: isCommit && tag !== undefined ? { 'aiv:github:tag': tag } : undefined,
    }
  }
}

function imageComponent({ registry, namespace, name, version }: Image): Made {
  const qualifiers = registry === undefined ? undefined : { repository_url: registry }
  const purl = formatPurl({ type: 'docker', namespace, name, version, qualifiers })
  return {
    ref: purl,
    type: 'container',
    name: [registry, namespace, name].filter((part) => part !== undefined).join('/'),
    version,
    purl,
    origin: 'registry',
  }
}
