/** By what a component is known when several inventories become one: refs of one document mean nothing in another. */
import type { Bom, Component } from '../bom/index.ts'
import { shortDigest } from './short-digest.ts'

/** Refs that a merge made; they stay as they are in the next one. */
const MERGED = /^merged:/

/** A new ref for each old one; the same component has the same in every document. */
export function mergedRefs(bom: Bom): ReadonlyMap<string, string> {
  const primary = bom.components.find(({ ref }) => ref === bom.primary)
  const project = projectRef(primary?.name ?? '', primary?.version)
  return new Map(bom.components.map((component) => [component.ref, mergedRef(component, project)]))
}

function mergedRef(component: Component, project: string): string {
  const { ref, purl } = component
  if (purl !== undefined) return purl
  if (MERGED.test(ref)) return ref
  if (ref === 'path:.') return project
  if (ref.startsWith('path:'))
    return `${project}/${encodeURIComponent(ref.slice('path:'.length).toWellFormed())}`
  // Files of one name are told apart by what they hold.
  const hashes = (component.hashes ?? []).map(({ algorithm, value }) => `${algorithm}:${value}`).sort()
  const digest = hashes.length === 0 ? '' : `#${shortDigest(hashes.join())}`
  return `merged:${component.type}:${nameOf(component.name, component.version)}${digest}`
}

/** The ref of a project in the result of a merge. */
export function projectRef(name: string, version: string | undefined): string {
  return `merged:project:${nameOf(name, version)}`
}

function nameOf(name: string, version: string | undefined): string {
  return `${encodeURIComponent(name.toWellFormed())}@${encodeURIComponent((version ?? '').toWellFormed())}`
}
