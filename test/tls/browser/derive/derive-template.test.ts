/** Templates from captured hellos, judged by the bytes of the captures and by the files of the shipped templates. */
import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { deriveTemplate } from '../../../../src/lib/tls/index.ts'
import { REPOSITORY } from '../../../support/aiv.ts'
import { readRawHello, valuesOf } from '../../../support/raw-hello.ts'
import {
  ANCHORS,
  bytesOf,
  CHROME,
  CHROME_156,
  type Document,
  documentOf,
  FIREFOX,
  FIREFOX_153,
  folder,
  hellosOf,
} from './captures.ts'

function shipped(path: string): Document {
  const file = join(REPOSITORY, 'src/lib/tls/browser/template/data', path)
  return JSON.parse(readFileSync(file, 'utf8')) as Document
}

/** With one AEAD only in ECH. */
function withAead(fields: object): object {
  return JSON.parse(JSON.stringify(fields).replace('["0001","0003"]', '["0001"]')) as object
}

/** What stands for hellos, in an order of its own where the browser has none. */
function fieldsOf({ extension_order, cipher_suites, extensions }: Document): object {
  const listed =
    extension_order === 'fixed'
      ? extensions
      : extensions.toSorted((a, b) => (JSON.stringify(a) < JSON.stringify(b) ? -1 : 1))
  return { extension_order, cipher_suites, extensions: listed }
}

/** The lines that a template stands for, in the words of the reader that the tests have of their own. */
function contentOf({ type, ...content }: Document['extensions'][number]): readonly string[] {
  const list = (name: string): string => (content[name] as readonly string[]).join(' ')
  switch (content.content) {
    case 'server_name':
      return ['a name']
    case 'session_ticket':
      return ['']
    case 'supported_groups':
    case 'signature_algorithms':
    case 'supported_versions':
      return [list('list')]
    case 'key_share': {
      const bytes: Readonly<Record<string, number>> = { GREASE: 1, '11ec': 1216, '001d': 32, '0017': 65 }
      const shares = (content.list as readonly string[]).map((group) => `${group}:${bytes[group]}`)
      return [shares.join(' ') + (content.x25519 === 'shared' ? ' shared' : '')]
    }
    case 'alpn':
    case 'application_settings': {
      const names = (content.protocols as readonly string[]).map((name) => Buffer.from(`\0${name}`))
      for (const name of names) name[0] = name.length - 1
      const all = Buffer.concat(names)
      return [all.length.toString(16).padStart(4, '0') + all.toString('hex')]
    }
    case 'grease_ech':
      return (content.payload_bytes as readonly number[]).flatMap((size) =>
        (content.aeads as readonly string[]).map((aead) => `00${content.kdf}${aead} enc 32 payload ${size}`),
      )
    default:
      return [String(content.body)]
  }
}

describe.runIf(folder !== undefined)('a template that is made from captures', () => {
  it.each([
    ['Chromium 156', CHROME_156, CHROME, 'chrome/chrome-154.json'],
    ['Firefox 153', FIREFOX_153, FIREFOX, 'firefox/firefox-153.json'],
  ] as const)('says of %s what the bytes of the captures say', (_, names, origin, path) => {
    const document = documentOf(deriveTemplate(hellosOf(names), origin))
    const seen = valuesOf(names.map((name) => readRawHello(bytesOf(name))))
    expect([document.cipher_suites.join(' ')]).toEqual(seen.get('cipher_suites'))
    const described = document.extensions.map((extension) => {
      const { type, body, optional, content } = extension
      const name = `extension ${type}${type === 'GREASE' ? ` of ${String(body).length / 2} bytes` : ''}`
      if (content !== 'trust_anchors')
        expect(
          [...contentOf(extension), ...(optional === true ? ['not there'] : [])].toSorted(),
          name,
        ).toEqual(seen.get(name))
      return name
    })
    const sent = [...seen.keys()].filter((name) => name.startsWith('extension '))
    expect(described.toSorted()).toEqual(sent.toSorted())
    // The four captures of Firefox happen to have one of its two AEADs.
    const known = fieldsOf(shipped(path))
    expect(fieldsOf(document)).toEqual(origin === FIREFOX ? withAead(known) : known)
  })

  it('has the trust anchors as they were sent, and says that they were sorted', () => {
    const { extensions } = deriveTemplate(hellosOf(CHROME_156), CHROME)
    const content = extensions.find(({ type }) => type === ANCHORS)?.content
    if (content?.kind !== 'trust_anchors') throw new Error('no trust anchors')
    const ids = content.ids.map(
      (id) => `${id.length.toString(16).padStart(2, '0')}${Buffer.from(id).toString('hex')}`,
    )
    const [first] = CHROME_156.map((name) => readRawHello(bytesOf(name)).fields.get('extension ca34'))
    expect([ids.join(''), ids.length, content.order]).toEqual([first?.slice(4), 28, 'sorted'])
  })

  it('passes over hellos that resume a session', () => {
    const resumed = hellosOf([
      'chromium/chromium-156-psk-resumption-ch.bin',
      'chromium/chromium-156-resume-page-conn5-ch.bin',
    ])
    expect(documentOf(deriveTemplate([...resumed, ...hellosOf(CHROME_156)], CHROME))).toEqual(
      documentOf(deriveTemplate(hellosOf(CHROME_156), CHROME)),
    )
  })

  it('needs two hellos', () => {
    expect(() => deriveTemplate(hellosOf(CHROME_156).slice(0, 1), CHROME)).toThrow(
      expect.objectContaining({ code: 'E_INPUT' }),
    )
  })
})
