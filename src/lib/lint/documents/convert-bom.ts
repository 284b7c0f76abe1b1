/** A bill of materials for a document of another format. */
import type { Bom, Tool } from '../bom/index.ts'

/**
 * The new document is another one: it gets a namespace of its own, and names the tool that made it beside those of
 * the first. Everything else stays, so that converting back gives the bytes of a document of ours again.
 */
export function convertBom({ document, ...bom }: Bom, tool: Tool): Bom {
  const { namespace: _, ...said } = document
  const isNamed = document.tools.some(({ name, version }) => name === tool.name && version === tool.version)
  return { ...bom, document: { ...said, tools: isNamed ? document.tools : [...document.tools, tool] } }
}
