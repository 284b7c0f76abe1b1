/** A program that the user named itself is what the document is about, and not one part of a nameless project. */
import { TOP_REF } from '../bom/index.ts'
import type { ReadProject } from '../readers/index.ts'

/** @returns the project with its root, and what is named after the root, moved to the top */
export function programAtTop(project: ReadProject): ReadProject {
  const { ref: root } = project.root
  const moved = (ref: string): string =>
    ref === root || ref.startsWith(`${root}#`) ? TOP_REF + ref.slice(root.length) : ref
  return {
    ...project,
    root: { ...project.root, ref: TOP_REF },
    components: project.components.map((component) => ({ ...component, ref: moved(component.ref) })),
    edges: project.edges.map(([from, to]) => [moved(from), moved(to)] as const),
    incomplete:
      project.incomplete && new Map([...project.incomplete].map(([ref, how]) => [moved(ref), how] as const)),
  }
}
