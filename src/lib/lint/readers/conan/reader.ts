/** `conan.lock`: the graph of Conan 1 (versions 0.0 to 0.4) and the lists of Conan 2 (version 0.5). */
import type { Scope } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import { attempt, folderOf, oneProject, readLockfile, rootComponent } from '../lock/index.ts'
import { entries, field, isTable, parseJson, string, strings, UnreadableText } from '../parse/index.ts'
import type { Reader, ReadResult } from '../reader.ts'
import { readConanGraph } from './graph.ts'
import { conanComponent } from './reference.ts'

/** Lists of Conan 2, with the scope of what is in them. */
const LISTS: readonly (readonly [string, Scope])[] = [
  ['requires', 'required'],
  ['build_requires', 'dev'],
  ['python_requires', 'dev'],
  ['config_requires', 'dev'],
]

export const conanReader: Reader = {
  id: 'conan',
  read: (path, files) =>
    readLockfile(path, files, (text) => {
      const lock = parseJson(text)
      if (isTable(field(lock, 'graph_lock'))) return readConanGraph(field(lock, 'graph_lock'), path)
      if (!isTable(lock) || !LISTS.some(([list]) => Array.isArray(field(lock, list))))
        throw new UnreadableText('it is no conan.lock of Conan 1 or 2: neither graph nor lists are there', {
          line: 1,
          column: 1,
        })
      const version = string(field(lock, 'version'))
      if (version !== '0.5')
        throw new UnreadableText(`it has version ${JSON.stringify(version)}; versions 0.0 to 0.5 are known`, {
          line: 1,
          column: 1,
        })
      return readLists(lock, path)
    }),
}

/** The lists say what is used, not by whom. */
function readLists(lock: unknown, path: string): ReadResult {
  const builder = new ProjectBuilder(rootComponent(folderOf(path)))
  for (const [list, scope] of LISTS) {
    for (const text of [...strings(field(lock, list)), ...entries(field(lock, list)).map(([key]) => key)]) {
      const ref = attempt(builder, { path }, () => builder.add(conanComponent(text, scope, path)))
      if (ref === undefined) continue
      builder.depend(builder.root.ref, ref)
      builder.incomplete(ref, 'unknown')
    }
  }
  return oneProject(builder)
}
