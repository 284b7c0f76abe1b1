/** What each registered type of package URL demands of its parts (purl-spec, `types/*-definition.json`). */
import type { Purl } from './purl.ts'

type Part = 'namespace' | 'name' | 'version' | 'subpath'

interface TypeRule {
  /** Parts that are written in lower case. */
  readonly lower?: readonly Part[]
  readonly namespace?: 'required' | 'prohibited'
  /** Further rules for the name, after lower case. */
  readonly name?: (name: string) => string
  readonly permittedName?: RegExp
  readonly permittedVersion?: RegExp
  /** A key without which the name does not say which package it is. */
  readonly qualifier?: string
}

const BOTH: readonly Part[] = ['namespace', 'name']

const TYPES: ReadonlyMap<string, TypeRule> = new Map<string, TypeRule>([
  ['alpm', { lower: BOTH, namespace: 'required' }],
  ['apk', { lower: BOTH, namespace: 'required' }],
  ['bazel', { namespace: 'prohibited' }],
  ['bitbucket', { lower: BOTH, namespace: 'required' }],
  ['bitnami', { lower: ['name'], namespace: 'prohibited' }],
  ['brew', { lower: BOTH }],
  ['cargo', { namespace: 'prohibited' }],
  [
    'chrome-extension',
    {
      lower: ['name'],
      namespace: 'prohibited',
      permittedName: /^[a-p]{32}$/,
      permittedVersion: /^\d+(?:\.\d+){0,3}$/,
    },
  ],
  ['cocoapods', { namespace: 'prohibited' }],
  ['composer', { lower: BOTH, namespace: 'required' }],
  ['conda', { namespace: 'prohibited' }],
  ['cpan', { permittedName: /^(?:(?!::).)*$/s }],
  ['cran', { namespace: 'prohibited' }],
  ['deb', { lower: BOTH, namespace: 'required' }],
  ['gem', { namespace: 'prohibited' }],
  ['git', { namespace: 'required' }],
  ['github', { lower: BOTH, namespace: 'required' }],
  ['hackage', { namespace: 'prohibited' }],
  ['hex', { lower: BOTH }],
  ['huggingface', { lower: ['version'], namespace: 'required' }],
  ['julia', { namespace: 'prohibited', qualifier: 'uuid' }],
  ['luarocks', { lower: BOTH }],
  ['maven', { namespace: 'required' }],
  ['mlflow', { namespace: 'prohibited' }],
  ['nuget', { namespace: 'prohibited' }],
  ['oci', { lower: ['name', 'version'], namespace: 'prohibited' }],
  ['opam', { namespace: 'prohibited' }],
  ['otp', { lower: ['name', 'subpath'], namespace: 'prohibited' }],
  ['pub', { lower: ['name'], namespace: 'prohibited', name: (name) => name.replace(/[^a-z0-9]/g, '_') }],
  [
    'pypi',
    { lower: ['name', 'version'], namespace: 'prohibited', name: (name) => name.replaceAll('_', '-') },
  ],
  ['qpkg', { lower: ['namespace'], namespace: 'required' }],
  ['rpm', { lower: ['namespace'], namespace: 'required' }],
  ['swid', { qualifier: 'tag_id' }],
  ['swift', { namespace: 'required' }],
  ['vcpkg', { namespace: 'prohibited' }],
  ['vscode-extension', { lower: ['namespace', 'name', 'version'], namespace: 'required' }],
  ['yocto', { lower: ['namespace'] }],
])

/**
 * The parts in the spelling that the type demands. A type that is not registered changes nothing.
 * @returns what is wrong, in place of the parts, where the type does not allow them
 */
export function normalizeByType(purl: Purl): Purl | string {
  const rule = TYPES.get(purl.type)
  if (rule === undefined) return purl
  const lowered: Purl = { ...purl, ...lowerCase(purl, rule.lower ?? []) }
  const name = rule.name === undefined ? lowered.name : rule.name(lowered.name)
  const normal = { ...lowered, name: purl.type === 'mlflow' ? mlflowName(lowered) : name }
  return breach(normal, rule) ?? normal
}

function lowerCase(purl: Purl, parts: readonly Part[]): Partial<Purl> {
  return Object.fromEntries(parts.map((part) => [part, purl[part]?.toLowerCase()]))
}

/** Databricks ignores the case of names, other servers of models do not. */
function mlflowName({ name, qualifiers }: Purl): string {
  return qualifiers?.repository_url?.includes('databricks') === true ? name.toLowerCase() : name
}

function breach(purl: Purl, rule: TypeRule): string | undefined {
  const { type, namespace, name, version, qualifiers } = purl
  if (rule.namespace === 'required' && namespace === undefined) return `${type} needs a namespace`
  if (rule.namespace === 'prohibited' && namespace !== undefined) return `${type} has no namespaces`
  if (rule.permittedName?.test(name) === false) return `${name} is no name of ${type}`
  if (version !== undefined && rule.permittedVersion?.test(version) === false)
    return `${version} is no version of ${type}`
  if (rule.qualifier !== undefined && qualifiers?.[rule.qualifier] === undefined)
    return `${type} needs the qualifier ${rule.qualifier}`
  return undefined
}
