/** Rules about the document itself: when, by whom, with what it was made. */
import { type Hit, inconclusive, judged, notApplicable, type Rule } from '../rule.ts'
import { CISA, CYCLONEDX, NTIA, RFC3339, RFC3986, SPDX } from './sources.ts'
import { ofDocument, type SbomAmongOthers, type SbomRule } from './subject.ts'

const DATE_TIME = /^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?(?:Z|[+-]\d\d:\d\d)$/
/** Clocks of build machines differ; a document from a day ahead is none of that. */
const CLOCK_SKEW_MS = 10 * 60_000
const URN_UUID = /^urn:uuid:[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i
const ABSOLUTE_URI = /^[A-Za-z][A-Za-z0-9+.-]*:[^\s#<>"{}|\\^`]+$/

export const DOCUMENT_RULES: readonly SbomRule[] = [
  {
    id: 'SB0015',
    name: 'no-timestamp',
    severity: 'error',
    evidence: 'document',
    summary: 'The document says when it was made.',
    rationale:
      'It is one of the minimum elements: without it nobody knows which of two documents is the newer one.',
    fix: 'Write the time of creation. For reproducible documents it is that of the commit, or SOURCE_DATE_EPOCH.',
    references: [NTIA, CISA],
    judge: ofDocument(({ bom }) =>
      judged(
        bom.document.created === undefined
          ? [{ message: 'The document does not say when it was made.' }]
          : [],
      ),
    ),
  },
  {
    id: 'SB0016',
    name: 'odd-timestamp',
    severity: 'warning',
    evidence: 'document',
    summary:
      'The time of creation is an RFC 3339 time that has passed, in SPDX without fractions and in UTC.',
    rationale: 'Documents are ordered by it; one from the future stays the newest for ever.',
    fix: 'Write UTC with whole seconds, such as 2026-01-31T12:00:00Z, and set the clock of the build machine.',
    references: [RFC3339, SPDX],
    judge: ofDocument(({ bom, facts }, { places, nowMs, text }) => {
      const written = bom.document.created === undefined ? undefined : asWritten(text, bom.document.created)
      if (written === undefined) return notApplicable('the document has no time of creation')
      const pointer = facts.family === 'spdx' ? '/creationInfo/created' : '/metadata/timestamp'
      const hit = (message: string): Hit => ({ message, ...places.ofPointer(pointer) })
      const match = DATE_TIME.exec(written)
      const at = Date.parse(written)
      if (match === null || Number.isNaN(at))
        return judged([hit(`"${written.slice(0, 60)}" is no RFC 3339 time.`)])
      const hits: Hit[] = []
      if (facts.family === 'spdx' && (match[1] !== undefined || !written.endsWith('Z')))
        hits.push(hit('SPDX wants UTC with whole seconds and a Z at the end.'))
      if (at > nowMs + CLOCK_SKEW_MS) hits.push(hit('The document was made in the future.'))
      return judged(hits)
    }),
  },
  {
    id: 'SB0017',
    name: 'no-author',
    severity: 'warning',
    evidence: 'document',
    summary: 'The document names a person or an organization that made it.',
    rationale: 'It is one of the minimum elements: a tool answers no questions.',
    fix: 'Name an author.',
    references: [NTIA, CISA],
    judge: ofDocument(({ bom }) =>
      judged(
        bom.document.authors.length === 0
          ? [{ message: 'The document names no person and no organization that made it.' }]
          : [],
      ),
    ),
  },
  {
    id: 'SB0018',
    name: 'no-tool',
    severity: 'info',
    evidence: 'document',
    summary: 'The document names the tool that made it, with its version.',
    rationale: 'Tools have bugs; whoever knows the tool and version knows which documents to make again.',
    fix: 'Name the tool and its version.',
    references: [CISA],
    judge: ofDocument(({ bom }) => {
      const { tools } = bom.document
      if (tools.length === 0) return judged([{ message: 'The document names no tool.' }])
      return judged(
        tools
          .filter(({ version }) => (version ?? '') === '')
          .map(({ name }) => ({ message: `The tool ${name} has no version.`, entity: name })),
      )
    }),
  },
  {
    id: 'SB0019',
    name: 'bad-namespace',
    severity: 'error',
    evidence: 'document',
    summary: 'The namespace or serial number is an absolute URI without a fragment, in CycloneDX a urn:uuid.',
    rationale: 'Other documents refer to this one by it.',
    fix: 'Derive a UUID from the content, so that the same content has the same name.',
    references: [SPDX, CYCLONEDX, RFC3986],
    judge: ofDocument(({ bom, facts }, { places }) => {
      const { namespace } = bom.document
      const place = places.ofPointer(facts.family === 'spdx' ? '/documentNamespace' : '/serialNumber')
      if (namespace === undefined) {
        // CycloneDX only recommends a serial number; SPDX 2 demands the namespace.
        if (facts.family === 'cyclonedx') return notApplicable('the document has no serial number')
        return judged([{ message: 'The document has no namespace.' }])
      }
      const right = facts.family === 'cyclonedx' ? URN_UUID : ABSOLUTE_URI
      return judged(
        right.test(namespace)
          ? []
          : [{ message: `"${namespace.slice(0, 100)}" cannot name a document.`, ...place }],
      )
    }),
  },
  {
    id: 'SB0021',
    name: 'no-generation-context',
    severity: 'info',
    evidence: 'document',
    summary: 'The document says at which point of the product’s life it was made.',
    rationale: 'What is planned before a build and what is found after it are different lists.',
    fix: 'Name the lifecycle phase; SPDX 2.3 has no field for it, so that a comment has to do.',
    references: [CISA],
    judge: ofDocument(({ bom, facts }) => {
      if (facts.family === 'spdx' && facts.version.startsWith('2.'))
        return notApplicable('SPDX 2 has no field for it')
      if (facts.family === 'cyclonedx' && Number(facts.version) < 1.5)
        return notApplicable(`CycloneDX ${facts.version} has no field for it`)
      return judged(
        bom.document.lifecycles.length === 0
          ? [{ message: 'The document does not say at which point of the product’s life it was made.' }]
          : [],
      )
    }),
  },
]

export const NAMESPACE_RULE: Rule<SbomAmongOthers> = {
  id: 'SB0020',
  name: 'namespace-not-unique',
  severity: 'error',
  evidence: 'document',
  summary: 'Different documents have different namespaces or serial numbers.',
  rationale: 'A reference to one of them could mean the other.',
  fix: 'Make the later document again, and do not copy a namespace.',
  references: [SPDX, CYCLONEDX],
  async judge({ isReadable, namespace, sameNamespace, load }) {
    if (!isReadable) return inconclusive('the document could not be read')
    if (namespace === undefined) return inconclusive('the document has no namespace and no serial number')
    if (sameNamespace.length === 0) return judged([])
    const { places } = await load()
    return judged(
      sameNamespace.map((other) => ({
        message: `${other} has the same namespace or serial number and another content.`,
        entity: other,
        ...places.ofName(namespace),
      })),
    )
  },
}

/** The reader may have normalised the time; the rule is about what the document says. */
function asWritten(text: string, created: string): string {
  const [, inJson] = /"(?:created|timestamp)"\s*:\s*"([^"\\]{0,100})"/.exec(text) ?? []
  const [, inTags] = /^Created: *(.{0,100})$/m.exec(text) ?? []
  return inJson ?? inTags?.trim() ?? created
}
