/** How components got into an inventory, for people. */
import type { DependencyPaths } from '../../lint/graph/index.ts'
import type { Bom, Component } from '../../lint/index.ts'
import { shortText } from './short-text.ts'

export function whyLines(
  bom: Bom,
  found: readonly (DependencyPaths & { readonly component: Component })[],
): readonly string[] {
  const names = new Map(bom.components.map((component) => [component.ref, nameOf(component)]))
  return found.flatMap(({ component, paths, more }) => [
    `${nameOf(component)}${component.scope === 'required' ? '' : ` (${component.scope})`}`,
    ...paths.map((path) => `  ${path.map((ref) => names.get(ref) ?? shortText(ref)).join(' > ')}`),
    ...(paths.length === 0 ? [`  ${noPath(bom, component)}`] : []),
    ...(more ? ['  and more'] : []),
  ])
}

function noPath(bom: Bom, { ref }: Component): string {
  return ref === bom.primary ? 'it is what the document is about' : 'nothing depends on it'
}

function nameOf({ name, version }: Component): string {
  return shortText(version === undefined ? name : `${name}@${version}`)
}
