/** pyproject.toml without a lockfile: it says what is wanted, not what is there. */
import { ProjectBuilder } from '../builder.ts'
import { attempt, folderOf, manifestFields, readLockfile, rootComponent } from '../lock/index.ts'
import { parseToml } from '../parse/index.ts'
import type { ProjectFiles, Reader, ReadProblem, ReadResult } from '../reader.ts'
import {
  normalizeName,
  pinnedVersion,
  pythonComponent,
  type RootNeed,
  readPyproject,
  sourceAt,
} from './package/index.ts'

export const pyprojectReader: Reader = {
  id: 'pyproject',
  read: (path, files) =>
    readLockfile(path, files, (text) => {
      // What does not parse is an error here, and only a warning beside a lockfile.
      parseToml(text)
      return readUnlocked(path, files)
    }),
}

function readUnlocked(path: string, files: ProjectFiles): ReadResult {
  const folder = folderOf(path)
  const problems: ReadProblem[] = []
  const manifest = readPyproject(folder, files, problems)
  const needs = manifest?.needs ?? []
  // Many hold settings of tools only, and what is locked elsewhere must not stand beside it without versions.
  if (folder !== '.' && (needs.length === 0 || hasLockAbove(folder, files))) return { projects: [], problems }
  if (files.list(folder).includes('requirements.txt')) return { projects: [], problems }
  const builder = new ProjectBuilder(
    rootComponent(folder, { occurrences: [{ path }], ...manifestFields(manifest?.facts ?? {}) }),
  )
  const own = normalizeName(manifest?.facts.name ?? '')
  for (const need of needs)
    if (need.name !== own) attempt(builder, { path }, () => addWanted(builder, need, path))
  if (needs.length > 0)
    builder.warn(
      'there is no lockfile beside it: which versions are installed, and what those need, is not known',
      {
        path,
      },
    )
  return { projects: [builder.build()], problems: [...problems, ...builder.problems] }
}

/** Of a workspace that it is a member of. */
function hasLockAbove(folder: string, files: ProjectFiles): boolean {
  for (let at = folder; at !== '.'; ) {
    at = folderOf(at)
    if (files.list(at).includes('uv.lock')) return true
  }
  return false
}

function addWanted(builder: ProjectBuilder, need: RootNeed, path: string): void {
  const { name, specifier = '', scope, url } = need
  const component = pythonComponent(
    {
      name,
      version: pinnedVersion(specifier),
      source: url === undefined ? { kind: 'registry' } : (sourceAt(url) ?? { kind: 'registry' }),
    },
    folderOf(path),
    { path },
  )
  const isOpen = component.version === undefined && specifier !== ''
  const ref = builder.add({
    ...component,
    scope,
    properties: isOpen ? { 'aiv:pypi:range': specifier } : undefined,
  })
  if (ref === builder.root.ref) return
  builder.depend(builder.root.ref, ref)
  builder.incomplete(ref, 'unknown')
}
