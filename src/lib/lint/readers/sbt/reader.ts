/** `build.sbt.lock` of the plug-in sbt-dependency-lock, version 1: a list without a graph, with hashes. */
import type { Hash, Scope } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import { attempt, folderOf, hexHash, oneProject, readLockfile, rootComponent } from '../lock/index.ts'
import { mavenComponent } from '../maven/component.ts'
import {
  field,
  isTable,
  parseJson,
  string,
  strings,
  type Table,
  tables,
  UnreadableText,
} from '../parse/index.ts'
import type { Reader } from '../reader.ts'

export const sbtReader: Reader = {
  id: 'sbt',
  read: (path, files) =>
    readLockfile(path, files, (text) => {
      const lock = parseJson(text)
      const version = field(lock, 'lockVersion')
      if (!isTable(lock) || version !== 1)
        throw new UnreadableText(`it has version ${JSON.stringify(version)}; version 1 is known`, {
          line: 1,
          column: 1,
        })
      const builder = new ProjectBuilder(rootComponent(folderOf(path)))
      for (const entry of tables(field(lock, 'dependencies'))) {
        const ref = attempt(builder, { path }, () =>
          builder.add({
            ...mavenComponent({
              group: string(field(entry, 'org')) ?? '',
              name: string(field(entry, 'name')) ?? '',
              version: string(field(entry, 'version')),
              place: { path },
            }),
            scope: scopeOf(strings(field(entry, 'configurations'))),
            hashes: hashesOf(entry),
          }),
        )
        if (ref === undefined) continue
        builder.depend(builder.root.ref, ref)
        builder.incomplete(ref, 'unknown')
      }
      return oneProject(builder)
    }),
}

function scopeOf(configurations: readonly string[]): Scope {
  const has = (...names: readonly string[]) => names.some((name) => configurations.includes(name))
  if (configurations.length === 0 || has('compile', 'runtime', 'provided')) return 'required'
  return has('optional') ? 'optional' : 'dev'
}

/** Sources and documentation may be locked as well; the archive of the package bears its name. */
function hashesOf(entry: Table): readonly Hash[] | undefined {
  const name = string(field(entry, 'name'))
  const artifact = tables(field(entry, 'artifacts')).find((one) => field(one, 'name') === `${name}.jar`)
  const [algorithm, value = ''] = (string(field(artifact, 'hash')) ?? '').split(':')
  const hash = algorithm === 'sha1' || algorithm === 'sha256' ? hexHash(algorithm, value) : undefined
  return hash === undefined ? undefined : [hash]
}
