/** Hellos that browsers have sent, and templates as plain documents. */
import { readFileSync } from 'node:fs'
import {
  type ClientHello,
  type HelloTemplate,
  parseClientHello,
  templateDocument,
} from '../../../../src/lib/tls/index.ts'
import { conformancePath } from '../../../support/conformance.ts'

export const folder = conformancePath('utls')

const numbered = (name: string, count: number): readonly string[] =>
  Array.from({ length: count }, (_, index) => name.replace('N', String(index + 1)))

export const CHROME_156 = [
  ...numbered('chromium-156.0.8078.79-clienthello-N.bin', 8),
  ...numbered('chromium/chromium-156-nofieldtrial-ch-N.bin', 4),
]
export const FIREFOX_153 = numbered('firefox/firefox-esr-153.7.0-clienthello-N.bin', 4)

export function bytesOf(name: string): Uint8Array {
  return new Uint8Array(readFileSync(`${folder}/${name}`))
}

export function hellosOf(names: readonly string[]): readonly ClientHello[] {
  return names.map((name) => parseClientHello(bytesOf(name).subarray(9)))
}

export const CHROME = { browser: 'chrome', major: 156, source: 'captures' } as const
export const FIREFOX = { browser: 'firefox', major: 153, source: 'captures' } as const

export const ANCHORS = 0xca34

export interface Document {
  readonly extension_order: string
  readonly cipher_suites: readonly string[]
  readonly extensions: readonly { readonly type: string; readonly [field: string]: unknown }[]
}

export function documentOf(template: HelloTemplate): Document {
  return JSON.parse(JSON.stringify(templateDocument(template))) as Document
}
