/** A project in memory with installed packages, and components as readers of lockfiles make them. */
import { createRequire } from 'node:module'
import type { Component } from '../../../src/lib/lint/bom/index.ts'
import { findInstalled } from '../../../src/lib/lint/installed/index.ts'
import { MemoryFiles } from '../../../src/lib/lint/readers/memory-files.ts'

const load = createRequire(import.meta.url)

/** The text that SPDX lists, with a holder. */
export function licenseText(id: string, notice = 'Copyright (c) 2020 Ada Lovelace'): string {
  const { licenseText: text } = load(`spdx-license-list/licenses/${id}.json`) as {
    readonly licenseText: string
  }
  return text.replace(/^Copyright.*<.*$/m, notice)
}

export function component(
  type: string,
  name: string,
  version: string,
  more: Partial<Component> = {},
): Component {
  return {
    ref: `pkg:${type}/${name}@${version}`,
    purl: `pkg:${type}/${name}@${version}`,
    type: 'library',
    name,
    version,
    origin: 'registry',
    scope: 'required',
    ...more,
  }
}

export function describeIn(
  files: Readonly<Record<string, string | Uint8Array>>,
  what: Component,
  folders: readonly string[] = ['.'],
): Component {
  return findInstalled(new MemoryFiles(files), folders).describe(what)
}
