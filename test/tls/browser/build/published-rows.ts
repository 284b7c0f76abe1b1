/** The published table of what Chrome's versions send, and which template stands for which of its rows. */
import { readFileSync } from 'node:fs'
import { conformancePath } from '../../../support/conformance.ts'

export interface PublishedRow {
  readonly versions: string
  readonly ciphers: readonly string[]
  /** Four digits, or `GREASE(len0)` and `GREASE(len1=00)`. */
  readonly extensions_unshuffled: readonly string[]
  readonly shuffle: boolean
  readonly padding: string | null
  readonly supported_groups: readonly string[]
  /** `group:bytes`, at times with words behind. */
  readonly key_shares: readonly string[]
  readonly signature_algorithms: readonly string[]
  /** The body, words about it, or null. */
  readonly trust_anchors: string | null
  readonly alps: string
  readonly ja4: {
    readonly h2: string
    readonly ip_no_sni: string
    readonly wss_h1: string
  }
}

const TEMPLATE_OF_ROW: Readonly<Record<string, string>> = {
  '99-109': 'chrome-98',
  '110-117': 'chrome-110',
  '118/119-123': 'chrome-118',
  '124-130': 'chrome-124',
  '131-132': 'chrome-131',
  '133-149': 'chrome-133',
  '133-149 with TLSTrustAnchorIDs trial (seen 141+)': 'chrome-133-anchors',
  '150-151': 'chrome-150',
  '152-153 (trust anchor order drawn once per process)': 'chrome-152',
  '154-156 (trust anchors sorted)': 'chrome-154',
}

/** None, with a printed reason, where the table is not there. */
export function publishedRows(): readonly (PublishedRow & { readonly template: string })[] {
  const path = conformancePath('utls', 'chrome-templates.json')
  if (path === undefined) return []
  const rows = JSON.parse(readFileSync(path, 'utf8')) as readonly PublishedRow[]
  return rows.map((row) => {
    const template = TEMPLATE_OF_ROW[row.versions]
    if (template === undefined) throw new Error(`no template for the row ${row.versions}`)
    return { ...row, template }
  })
}
