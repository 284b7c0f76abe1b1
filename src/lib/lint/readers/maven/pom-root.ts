/** The project that a POM describes, with who makes it and under which license. */
import type { Component, Licenses, Party } from '../../bom/index.ts'
import { folderOf, gitLocation, publicUrl, rootComponent } from '../lock/index.ts'
import { childAt, childrenNamed, childText } from '../parse/xml.ts'
import type { EffectivePom } from './effective-pom.ts'
import { isUnresolved } from './interpolation.ts'

export function pomRoot({ pom, group, artifact, version, interpolation }: EffectivePom): Component {
  const { project } = pom
  const text = (...names: readonly string[]): string | undefined => {
    const value = interpolation.resolve(childText(project, ...names) ?? '')
    return value === '' || isUnresolved(value) ? undefined : value
  }
  const root = rootComponent(folderOf(pom.path), {
    version,
    description: text('description')?.replace(/\s+/g, ' '),
    homepage: publicUrl(text('url') ?? ''),
    licenses: licensesOf(pom.project),
    supplier: organization(text('organization', 'name'), text('organization', 'url')),
    author: authorOf(pom.project),
    source: sourceOf(text('scm', 'connection') ?? text('scm', 'url')),
  })
  const name = group === '' ? artifact : `${group}:${artifact}`
  return artifact === '' || isUnresolved(name) ? root : { ...root, name }
}

/** Where several are listed, one may be chosen (maven.apache.org/pom.html, "Licenses"). */
function licensesOf(project: EffectivePom['pom']['project']): Licenses | undefined {
  const names = childrenNamed(childAt(project, 'licenses'), 'license').flatMap(
    (license) => childText(license, 'name') ?? [],
  )
  return names.length === 0 ? undefined : { declared: names.join(' OR ') }
}

function organization(name: string | undefined, url: string | undefined): Party | undefined {
  return name === undefined ? undefined : { kind: 'organization', name, url: publicUrl(url ?? '') }
}

function authorOf(project: EffectivePom['pom']['project']): Party | undefined {
  const developer = childAt(project, 'developers', 'developer')
  const name = childText(developer, 'name')
  return name === undefined ? undefined : { kind: 'person', name, email: childText(developer, 'email') }
}

/** `scm:git:https://…`, or an address of the repository. */
function sourceOf(connection: string | undefined): Component['source'] {
  const location = gitLocation((connection ?? '').replace(/^scm:git:/, ''))
  return location === undefined ? undefined : { url: location.url }
}
