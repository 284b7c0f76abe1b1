/**
 * What a lockfile does not say and the installed packages do: licenses, texts, suppliers, where the code is. Only a
 * package of the very version that the lockfile names is looked at, and nothing of it is run.
 */
import type { Component, Party, SourceCode } from '../bom/index.ts'
import type { ProjectFiles } from '../readers/reader.ts'
import { bundledGems } from './finders/bundler.ts'
import { cargoVendor } from './finders/cargo-vendor.ts'
import { composerVendor } from './finders/composer.ts'
import { goVendor } from './finders/go-vendor.ts'
import { hexDeps } from './finders/hex-deps.ts'
import { localFolder } from './finders/local-folder.ts'
import { nodeModules } from './finders/node-modules.ts'
import { pythonDistributions } from './finders/python.ts'
import type {
  InstalledPackage,
  ManifestFacts,
  PackageFinder,
  PackageFinderFactory,
} from './installed-package.ts'
import { findTexts } from './license-evidence.ts'
import { repositoryOwner } from './manifest/urls.ts'
import { namespaceOwner } from './namespace-owner.ts'

export interface InstalledPackages {
  /**
   * Adds to a component what its installed package says; what the component says already stays. Where no maker is
   * named, the owner of the repository, or else of the namespace, is the supplier.
   * @returns the component itself where nothing is known besides
   */
  describe(component: Component): Component
}

/** By the type of a package URL. */
const FINDERS: ReadonlyMap<string, PackageFinderFactory> = new Map([
  ['npm', nodeModules],
  ['pypi', pythonDistributions],
  ['composer', composerVendor],
  ['golang', goVendor],
  ['gem', bundledGems],
  ['cargo', cargoVendor],
  ['hex', hexDeps],
])

/** Says that a supplier is the owner of the repository or the namespace, which is less than being named. */
const SUPPLIER_PROPERTY = 'aiv:supplier:from'

/** Descriptions are one line, and some manifests hold a whole page. */
const MAX_DESCRIPTION_LENGTH = 500

/**
 * @param folders of the projects, relative with `/`; `.` is the top. Each is looked at when a component asks for it
 */
export function findInstalled(files: ProjectFiles, folders: readonly string[]): InstalledPackages {
  const finders = new Map<string, PackageFinder>()
  const places = [...new Set(['.', ...folders])].sort()

  function finderOf(type: string): PackageFinder | undefined {
    const known = finders.get(type)
    if (known !== undefined) return known
    const finder = FINDERS.get(type)?.(files, places)
    if (finder !== undefined) finders.set(type, finder)
    return finder
  }

  return {
    describe(component) {
      const installed = find(component, files, finderOf)
      return suppliedByNamespace(installed === undefined ? component : described(component, installed, files))
    },
  }
}

function find(
  { ref, purl, name, version }: Component,
  files: ProjectFiles,
  finderOf: (type: string) => PackageFinder | undefined,
): InstalledPackage | undefined {
  if (ref.startsWith('path:')) return localFolder(files, ref.slice('path:'.length), name)
  const [, type] = /^pkg:([a-z0-9.+-]+)\//.exec(purl ?? '') ?? []
  return type === undefined || version === undefined ? undefined : finderOf(type)?.find(name, version)
}

function described(
  component: Component,
  { facts, licenseFiles }: InstalledPackage,
  files: ProjectFiles,
): Component {
  const { licenses } = component
  const declared = licenses?.declared ?? facts.license
  const texts = findTexts(files, licenseFiles, { name: component.name, declared })
  const evidence = [...(licenses?.evidence ?? []), ...texts.evidence]
  const concluded = licenses?.concluded ?? texts.concluded
  const source = component.source ?? facts.source
  return {
    ...component,
    ...suppliedBy(component, facts, source),
    licenses:
      declared === undefined && concluded === undefined && evidence.length === 0
        ? undefined
        : { declared, concluded, evidence: evidence.length === 0 ? undefined : evidence },
    source,
    homepage: component.homepage ?? facts.homepage,
    description: component.description ?? oneLine(facts.description),
    copyright: component.copyright ?? texts.copyright,
  }
}

/** The maker's own words first; who owns the repository where the manifest names nobody. */
function suppliedBy(
  { supplier, author, properties }: Component,
  { author: namedAuthor, maintainer }: ManifestFacts,
  source: SourceCode | undefined,
): Pick<Component, 'supplier' | 'author' | 'properties'> {
  const named = supplier ?? namedAuthor ?? author ?? maintainer
  if (named !== undefined) {
    const wrote = author ?? namedAuthor
    return {
      supplier: named,
      author: wrote === undefined || isSame(wrote, named) ? undefined : wrote,
      properties,
    }
  }
  const owner = source === undefined ? undefined : repositoryOwner(source)
  if (owner === undefined) return { properties }
  return {
    supplier: { kind: 'organization', ...owner },
    properties: { ...properties, [SUPPLIER_PROPERTY]: 'repository' },
  }
}

function suppliedByNamespace(component: Component): Component {
  const owner = component.supplier === undefined ? namespaceOwner(component) : undefined
  if (owner === undefined) return component
  return {
    ...component,
    supplier: owner,
    properties: { ...component.properties, [SUPPLIER_PROPERTY]: 'namespace' },
  }
}

function isSame(a: Party, b: Party): boolean {
  return a.name === b.name
}

function oneLine(text: string | undefined): string | undefined {
  const line = text?.replace(/\s+/g, ' ').trim().slice(0, MAX_DESCRIPTION_LENGTH)
  return line === '' ? undefined : line
}
