/** The project itself and what lies in it: members of a workspace, dependencies by path. */
import { isLicenseFileName } from '../../licenses/texts/index.ts'
import { field, isTable, string } from '../../readers/parse/shape.ts'
import type { ProjectFiles } from '../../readers/reader.ts'
import { below, type InstalledPackage, type ManifestFacts } from '../installed-package.ts'
import { partyOf } from '../manifest/party.ts'
import { readJson, readToml } from '../manifest/read-manifest.ts'
import { sourceOf, webUrl } from '../manifest/urls.ts'
import { factsOfCargo } from './cargo-vendor.ts'
import { factsOfComposer } from './composer.ts'
import { factsOfPackageJson } from './node-modules.ts'

/** Manifests by their file, with how each is read; a folder may have several. */
const MANIFESTS: readonly (readonly [
  file: string,
  read: (files: ProjectFiles, path: string) => unknown,
  facts: (manifest: unknown) => ManifestFacts,
  name: (manifest: unknown) => unknown,
])[] = [
  ['package.json', readJson, factsOfPackageJson, (manifest) => field(manifest, 'name')],
  [
    'Cargo.toml',
    readToml,
    (manifest) => factsOfCargo(field(manifest, 'package')),
    (manifest) => field(field(manifest, 'package'), 'name'),
  ],
  ['pyproject.toml', readToml, factsOfPyproject, (manifest) => field(pythonProject(manifest), 'name')],
  ['composer.json', readJson, factsOfComposer, (manifest) => field(manifest, 'name')],
]

/**
 * @param folder relative to the project; `.` is its top
 * @param name of the component: where a folder has several manifests, the one that bears it speaks
 */
export function localFolder(files: ProjectFiles, folder: string, name: string): InstalledPackage | undefined {
  const names = files.list(below(folder))
  if (names.length === 0) return undefined
  const manifests = MANIFESTS.filter(([file]) => names.includes(file)).map(([file, read, facts, nameIn]) => {
    const manifest = read(files, below(folder, file))
    return { facts: facts(manifest), bearsName: nameIn(manifest) === name }
  })
  const speaking =
    manifests.find(({ bearsName }) => bearsName) ?? (manifests.length === 1 ? manifests[0] : undefined)
  return {
    facts: speaking?.facts ?? {},
    licenseFiles: names.filter(isLicenseFileName).map((file) => below(folder, file)),
  }
}

/** PEP 621 and PEP 639, or Poetry's own table. */
function factsOfPyproject(manifest: unknown): ManifestFacts {
  const project = pythonProject(manifest)
  const license = field(project, 'license')
  const urls = field(project, 'urls')
  const authors = field(project, 'authors')
  return {
    license: string(isTable(license) ? field(license, 'text') : license),
    author: partyOf(Array.isArray(authors) ? authors[0] : undefined),
    homepage: webUrl(
      string(field(project, 'homepage') ?? field(urls, 'Homepage') ?? field(urls, 'homepage')),
    ),
    description: string(field(project, 'description')),
    source: sourceOf(
      string(
        field(project, 'repository') ??
          field(urls, 'Repository') ??
          field(urls, 'Source') ??
          field(urls, 'source'),
      ),
    ),
  }
}

function pythonProject(manifest: unknown): unknown {
  return field(manifest, 'project') ?? field(field(manifest, 'tool'), 'poetry')
}
