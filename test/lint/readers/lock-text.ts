/** Reads lockfiles the plain way, line by line: the other opinion that readers are held to. */
import { readFileSync } from 'node:fs'
import { dirname, relative } from 'node:path'
import type { Component } from '../../../src/lib/lint/bom/index.ts'
import {
  FolderFiles,
  MemoryFiles,
  type Reader,
  type ReadProject,
  type ReadResult,
} from '../../../src/lib/lint/readers/index.ts'

/** One `[[package]]` block: its lines, and the values of `key = "text"` lines that stand before any sub-table. */
export interface Block {
  readonly line: number
  readonly lines: readonly string[]
  readonly values: ReadonlyMap<string, string>
}

export function blocksOf(text: string, header = '[[package]]'): readonly Block[] {
  const found: { line: number; lines: string[]; values: Map<string, string>; open: boolean }[] = []
  for (const [index, row] of text.split('\n').entries()) {
    if (row.trim() === header) {
      found.push({ line: index + 1, lines: [], values: new Map(), open: true })
      continue
    }
    const block = found.at(-1)
    if (block === undefined) continue
    if (/^\[[^[]/.test(row)) block.open = false
    block.lines.push(row)
    const [, key, value] = /^([\w-]+)\s*=\s*["'](.*)["']\s*$/.exec(row) ?? []
    if (block.open && key !== undefined && value !== undefined && !block.values.has(key))
      block.values.set(key, value)
  }
  return found
}

/** Reads a file of a folder on the disk. */
export function readAt(reader: Reader, path: string, root = dirname(path)): ReadResult {
  return reader.read(relative(root, path), new FolderFiles(root))
}

/** Reads a file and what lies beside it, all given as text. */
export function readTexts(reader: Reader, path: string, files: Readonly<Record<string, string>>): ReadResult {
  return reader.read(path, new MemoryFiles(files))
}

/** The one project of a result that has no problems. */
export function cleanProject({ projects, problems }: ReadResult): ReadProject {
  if (problems.length > 0) throw new Error(problems.map(({ message }) => message).join('; '))
  return onlyProject({ projects, problems })
}

export function onlyProject({ projects }: ReadResult): ReadProject {
  const [project] = projects
  if (project === undefined || projects.length > 1) throw new Error(`there are ${projects.length} projects`)
  return project
}

export function purlsOf({ components }: ReadProject): readonly string[] {
  return components.flatMap(({ purl }) => (purl === undefined ? [] : [purl])).sort()
}

export function component(project: ReadProject, name: string, version?: string): Component {
  const found = [project.root, ...project.components].filter(
    (one) => one.name === name && (version === undefined || one.version === version),
  )
  if (found.length !== 1 || found[0] === undefined) throw new Error(`there are ${found.length} ${name}`)
  return found[0]
}

/** `name version -> name version` of each edge, sorted, without repetition. */
export function edgesOf({ root, components, edges }: ReadProject): readonly string[] {
  const names = new Map([root, ...components].map((one) => [one.ref, `${one.name} ${one.version ?? '-'}`]))
  return [...new Set(edges.map(([from, to]) => `${names.get(from)} -> ${names.get(to)}`))].sort()
}

export function textAt(path: string): string {
  return readFileSync(path, 'utf8')
}
