/** `packages.config`, the list of NuGet packages of .NET Framework projects. */
import type { Component } from '../../bom/index.ts'
import { ProjectBuilder } from '../builder.ts'
import { attempt, folderOf, guardFile, oneProject, rootComponent } from '../lock/index.ts'
import { UnreadableText } from '../parse/index.ts'
import { childrenNamed, parseXml, type XmlElement } from '../parse/xml.ts'
import type { ProjectFiles, ReadResult } from '../reader.ts'
import { nugetComponent } from './package.ts'
import { projectName } from './project-files.ts'

export function readPackagesConfig(path: string, files: ProjectFiles): ReadResult {
  return guardFile(path, () => {
    const list = parseXml(files.bytes(path) ?? new Uint8Array())
    if (list.name !== 'packages')
      throw new UnreadableText('it is no packages.config: the outermost element is not <packages>', {
        line: list.line,
        column: 1,
      })
    const root = rootComponent(folderOf(path))
    const builder = new ProjectBuilder({ ...root, name: projectName(folderOf(path), files) ?? root.name })
    for (const entry of childrenNamed(list, 'package')) {
      const ref = attempt(builder, { path, line: entry.line }, () => builder.add(componentOf(entry, path)))
      if (ref === undefined) continue
      builder.depend(builder.root.ref, ref)
      builder.incomplete(ref, 'unknown')
    }
    return oneProject(builder)
  })
}

function componentOf({ attributes, line }: XmlElement, path: string): Component {
  return nugetComponent({
    name: attributes.get('id') ?? '',
    version: attributes.get('version'),
    scope: attributes.get('developmentDependency') === 'true' ? 'dev' : 'required',
    place: { path, line },
  })
}
