/** Reads go.mod with go.sum, go.work and vendor/modules.txt, and go.work itself. */
import type { Component } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import {
  attempt,
  folderOf,
  inFolder,
  nameOf,
  readBeside,
  readLockfile,
  resolveInside,
  rootComponent,
} from '../lock/index.ts'
import type { ProjectFiles, Reader, ReadProblem, ReadResult } from '../reader.ts'
import { type BuildModule, buildList } from './build-list.ts'
import { goComponent, standardLibrary } from './component.ts'
import { type ModFile, type ModuleVersion, parseModFile } from './mod-file.ts'
import { downloadedModules, readGoSums } from './sums.ts'
import { readVendored } from './vendored.ts'
import { usedFolders, workspaceReplacements } from './workspace.ts'

export const goReader: Reader = {
  id: 'go',
  read: (path, files) =>
    readLockfile(path, files, (text) => {
      const file = parseModFile(text)
      return nameOf(path) === 'go.work' ? readWork(path, file, files) : readMod(path, file, files)
    }),
}

/** From this version of the language on, go.mod lists all modules that a build needs, indirect ones too. */
const FULL_LISTS = { major: 1, minor: 17 }

function readMod(path: string, file: ModFile, files: ProjectFiles): ReadResult {
  const folder = folderOf(path)
  const problems: ReadProblem[] = []
  const builder = new ProjectBuilder(rootOf(folder, path, file))
  const root = builder.root.ref
  const sumPath = inFolder(folder, 'go.sum')
  const sums =
    readBeside(sumPath, problems, () => readGoSums(sumPath, files.text(sumPath), problems)) ?? new Map()
  const vendorPath = inFolder(folder, 'vendor/modules.txt')
  const vendored = readBeside(vendorPath, problems, () => readVendored(files.text(vendorPath)))
  const { modules, excluded } = buildList(file, [...workspaceReplacements(folder, files), ...file.replace])
  for (const { path: module, version, line } of excluded)
    builder.warn(`${module} ${version} is required and excluded; it is left out`, { path, line })
  for (const module of modules)
    attempt(builder, { path, line: module.required.line }, () =>
      addModule(builder, module, path, folder, sums),
    )
  if (vendored !== undefined) addUnlisted(builder, file, vendored, vendorPath, sums)
  else if (modules.length > 0 && !listsAll(file)) {
    addUnlisted(builder, file, downloadedModules(sums), sumPath, sums)
    builder.incomplete(root, 'incomplete')
    builder.warn(
      'it is of a Go before 1.17 and does not name every module that a build needs; the others are from go.sum',
      { path, line: 1 },
    )
  }
  addStandardLibrary(builder, file, path)
  return { projects: [builder.build()], problems: [...problems, ...builder.problems] }
}

function addModule(
  builder: ProjectBuilder,
  { required, replacement, isTool }: BuildModule,
  file: string,
  folder: string,
  sums: ReadonlyMap<string, string>,
): void {
  const { path, version } = replacement ?? required
  // A tool that the program itself does not import is listed as indirect.
  const scope = isTool && required.isIndirect ? 'dev' : 'required'
  const replaces = replacement === undefined ? undefined : `${required.path}@${required.version}`
  const place = { path: file, line: required.line }
  let component: Component
  if (version === undefined) {
    const local = resolveInside(folder, path)
    if (local.outside)
      builder.warn(`${required.path} is replaced by ${path}, which lies outside the scanned folder`, place)
    component = {
      ref: `path:${local.path}`,
      type: 'library',
      name: required.path,
      origin: 'path',
      scope,
      occurrences: [place],
      properties: {
        'aiv:go:replaces': `${required.path}@${required.version}`,
        ...(required.isIndirect ? { 'aiv:go:indirect': 'true' } : {}),
      },
    }
  } else {
    const sum = sums.get(`${path} ${version}`)
    component = goComponent({
      path,
      version,
      scope,
      sum,
      replaces,
      isIndirect: required.isIndirect,
      file,
      line: required.line,
    })
  }
  const ref = builder.add(component)
  if (ref === builder.root.ref) return
  builder.incomplete(ref, 'unknown')
  // As `go mod graph` does: go.mod requires the indirect ones as well, and who imports them is not known.
  builder.depend(builder.root.ref, ref)
}

/** Modules that an old go.mod leaves out. */
function addUnlisted(
  builder: ProjectBuilder,
  { module, require, exclude, replace }: ModFile,
  found: readonly ModuleVersion[],
  path: string,
  sums: ReadonlyMap<string, string>,
): void {
  const known = new Set([module, ...require.map((one) => one.path), ...replace.map(({ to }) => to.path)])
  const excluded = new Set(exclude.map((one) => `${one.path} ${one.version}`))
  for (const { path: name, version } of found) {
    if (version === undefined || known.has(name) || excluded.has(`${name} ${version}`)) continue
    const ref = attempt(builder, { path }, () =>
      builder.add(
        goComponent({
          path: name,
          version,
          scope: 'required',
          sum: sums.get(`${name} ${version}`),
          replaces: undefined,
          isIndirect: true,
          file: path,
          line: undefined,
        }),
      ),
    )
    if (ref === undefined) continue
    builder.depend(builder.root.ref, ref)
    builder.incomplete(ref, 'unknown')
  }
}

function readWork(path: string, file: ModFile, files: ProjectFiles): ReadResult {
  const folder = folderOf(path)
  const builder = new ProjectBuilder(rootComponent(folder, { occurrences: [{ path }] }))
  for (const used of usedFolders(folder, file.use)) {
    const text = files.text(inFolder(used, 'go.mod'))
    if (text === undefined) {
      builder.warn(`it uses ${used}, where there is no go.mod`, { path })
      continue
    }
    const module = moduleName(text) ?? nameOf(used)
    const ref = builder.add({
      ...rootComponent(used, { name: module }),
      type: 'library',
      occurrences: [{ path }],
    })
    if (ref === builder.root.ref) continue
    builder.depend(builder.root.ref, ref)
    // Its own go.mod says more.
    builder.incomplete(ref, 'unknown')
  }
  addStandardLibrary(builder, file, path)
  return { projects: [builder.build()], problems: builder.problems }
}

function moduleName(text: string): string | undefined {
  const [, name] = /^module[ \t]+"?([^\s"()]+)/m.exec(text) ?? []
  return name
}

function addStandardLibrary(builder: ProjectBuilder, { go, toolchain }: ModFile, path: string): void {
  const component = standardLibrary(toolchain, path) ?? standardLibrary(go, path)
  if (component !== undefined) builder.depend(builder.root.ref, builder.add(component))
}

function rootOf(folder: string, path: string, { module }: ModFile): Component {
  return rootComponent(folder, { occurrences: [{ path }], ...(module === undefined ? {} : { name: module }) })
}

function listsAll({ go }: ModFile): boolean {
  // Without the line, 1.16 is meant.
  const [, major = '1', minor = '16'] = /^(\d{1,4})\.(\d{1,4})/.exec(go ?? '') ?? []
  const isSame = Number(major) === FULL_LISTS.major
  return isSame ? Number(minor) >= FULL_LISTS.minor : Number(major) > FULL_LISTS.major
}
