/**
 * Dependency locks of Gradle: `gradle.lockfile`, `buildscript-gradle.lockfile`, and before Gradle 6 one file for
 * each configuration below `gradle/dependency-locks`. Lists without a graph.
 */
import { ProjectBuilder } from '../builder.ts'
import {
  attempt,
  folderOf,
  inFolder,
  nameOf,
  oneProject,
  readLockfile,
  rootComponent,
} from '../lock/index.ts'
import { mavenComponent } from '../maven/component.ts'
import { UnreadableText } from '../parse/index.ts'
import type { ProjectFiles, Reader } from '../reader.ts'
import { scopeOfConfigurations } from './configurations.ts'
import { verifiedHashes } from './verification.ts'

const ENTRY = /^([^\s:=]{1,200}):([^\s:=]{1,200}):([^\s:=]{1,200})(?:=(.*))?$/
const OLD_FOLDER = /(?:^|\/)gradle\/dependency-locks$/

export const gradleLockReader: Reader = {
  id: 'gradle',
  read: (path, files) =>
    readLockfile(path, files, (text) => {
      const folder = projectFolder(path)
      const root = rootComponent(folder)
      const builder = new ProjectBuilder({ ...root, name: projectName(folder, files) ?? root.name })
      const hashes = verifiedHashes(folder, files, builder)
      let known = text.trim() === ''
      for (const [index, written] of text.split('\n').entries()) {
        const content = written.trim()
        known ||= content.startsWith('#') || content.startsWith('empty=')
        if (content === '' || content.startsWith('#') || content.startsWith('empty=')) continue
        const place = { path, line: index + 1 }
        const [, group, name, version, configurations] = ENTRY.exec(content) ?? []
        if (group === undefined || name === undefined || version === undefined) {
          if (!known)
            throw new UnreadableText('it is no lockfile of Gradle: the line is no group:name:version', {
              line: place.line,
              column: 1,
            })
          builder.warn('the line is no group:name:version=configurations; it is left out', place)
          continue
        }
        known = true
        const ref = attempt(builder, place, () =>
          builder.add({
            ...mavenComponent({ group, name, version, place }),
            scope: scopeOf(path, configurations),
            hashes: hashes.get(`${group}:${name}:${version}`),
          }),
        )
        if (ref === undefined) continue
        builder.depend(builder.root.ref, ref)
        builder.incomplete(ref, 'unknown')
      }
      return oneProject(builder)
    }),
}

function projectFolder(path: string): string {
  const folder = folderOf(path)
  if (!OLD_FOLDER.test(folder)) return folder
  const above = folder.replace(OLD_FOLDER, '')
  return above === '' ? '.' : above
}

/** The old form names the configuration by its file. */
function scopeOf(path: string, configurations: string | undefined) {
  if (/^(?:buildscript|settings)-/.test(nameOf(path))) return 'dev'
  const names =
    configurations ?? (OLD_FOLDER.test(folderOf(path)) ? nameOf(path).replace(/\.lockfile$/, '') : '')
  return scopeOfConfigurations(
    names
      .split(',')
      .map((name) => name.trim())
      .filter((name) => name !== ''),
  )
}

/** The settings are a program; a name that is written out in them can be read without running it. */
function projectName(folder: string, files: ProjectFiles): string | undefined {
  for (const name of ['settings.gradle', 'settings.gradle.kts']) {
    try {
      const text = files.text(inFolder(folder, name))
      const found = /^\s{0,20}rootProject\.name ?= ?(["'])([^"'$\n]{1,200})\1/m.exec(text ?? '')?.[2]
      if (found !== undefined) return found
    } catch {
      // Settings that cannot be read only cost the name.
    }
  }
  return undefined
}
