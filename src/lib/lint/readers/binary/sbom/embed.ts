/** Takes over what a document says of a program. */
import type { Bom, Component } from '../../../bom/index.ts'
import { bomFromCycloneDx } from '../../../documents/cyclonedx/to-bom.ts'
import { bomFromSpdx } from '../../../documents/spdx2/to-bom.ts'
import type { ProjectBuilder } from '../../builder.ts'
import { field, parseJson, UnreadableText } from '../../parse/index.ts'

/**
 * @param text SPDX 2 or CycloneDX, as JSON
 * @throws UnreadableText
 */
export function parseBom(text: string): Bom {
  const json = parseJson(text)
  const locate = (pointer: string) => ({ pointer })
  if (field(json, 'bomFormat') === 'CycloneDX') return bomFromCycloneDx(json, locate).bom
  if (typeof field(json, 'spdxVersion') === 'string') return bomFromSpdx(json, 'json', locate).bom
  throw new UnreadableText('it is neither SPDX 2 nor CycloneDX', { line: 1, column: 1 })
}

/** What the document says of the program itself. */
export function describedProgram({ primary, components }: Bom): Partial<Component> {
  const component = components.find(({ ref }) => ref === primary)
  if (component === undefined) return {}
  const { ref: _ref, type: _type, origin: _origin, scope: _scope, ...said } = component
  return said
}

/** @param path of the document, or of the program that holds it */
export function addDescribed(builder: ProjectBuilder, bom: Bom, path: string): void {
  const root = builder.root.ref
  // Ids of a document are unique in that document only.
  const refs = new Map(
    bom.components.map((component) => [
      component.ref,
      component.ref === bom.primary
        ? root
        : component.ref === component.purl
          ? component.ref
          : `${root}#${component.ref}`,
    ]),
  )
  const needed = new Set([...bom.dependencies.values()].flatMap(({ on }) => on))
  for (const component of bom.components) {
    const ref = refs.get(component.ref) as string
    if (ref !== root) builder.add({ ...component, ref, occurrences: [{ path }] })
    const { on, completeness } = bom.dependencies.get(component.ref) ?? { on: [], completeness: 'unknown' }
    for (const other of on) builder.depend(ref, refs.get(other) ?? other)
    if (completeness !== 'complete') builder.incomplete(ref, completeness)
    // What nothing needs is there because of the program.
    if (ref !== root && !needed.has(component.ref)) builder.depend(root, ref)
  }
  if (bom.primary === undefined) builder.incomplete(root, 'unknown')
}
