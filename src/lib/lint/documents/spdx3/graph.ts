/** Collects the elements of an SPDX 3 document, each once, under identifiers that follow from what they say. */
import { toHex, utf8 } from '../../../core/index.ts'
import { sha256 } from '../../../crypto/digest.ts'
import type { ExtractedLicense, Party } from '../../bom/index.ts'
import { licenseExpression } from '../parts/license-expression.ts'
import { NO_EXPRESSION, NO_TEXT } from '../parts/license-notes.ts'
import { isEmail } from '../parts/texts/party.ts'

export interface Element {
  readonly type: string
  readonly spdxId: string
  readonly [key: string]: unknown
}

/** All elements of one document share it. */
export const CREATION_INFO = '_:creationInfo'

export class Graph {
  readonly #elements = new Map<string, Element>()
  readonly #prefix: string
  readonly #texts: ReadonlyMap<string, ExtractedLicense>

  /** @param namespace without `#` */
  constructor(namespace: string, licenses: readonly ExtractedLicense[]) {
    this.#prefix = `${namespace}#`
    this.#texts = new Map(licenses.map((license) => [license.id, license]))
    for (const license of licenses) this.#text(license)
  }

  /** Identifier of the element of that local name. */
  id(name: string): string {
    return `${this.#prefix}${name}`
  }

  /** @returns its identifier; an element that is there already stays as it is */
  add(type: string, name: string, fields: Readonly<Record<string, unknown>>): string {
    const spdxId = this.id(name)
    if (!this.#elements.has(spdxId))
      this.#elements.set(spdxId, { type, spdxId, creationInfo: CREATION_INFO, ...fields })
    return spdxId
  }

  get(spdxId: string): Element | undefined {
    return this.#elements.get(spdxId)
  }

  agent(party: Party): string {
    const { kind, name, email, url } = party
    return this.add(kind === 'person' ? 'Person' : 'Organization', `agent-${digest(party)}`, {
      name,
      ...(email !== undefined && isEmail(email)
        ? {
            externalIdentifier: [
              { type: 'ExternalIdentifier', externalIdentifierType: 'email', identifier: email },
            ],
          }
        : {}),
      ...(url === undefined
        ? {}
        : { externalRef: [{ type: 'ExternalRef', externalRefType: 'altWebPage', locator: [url] }] }),
    })
  }

  /** @param text an expression, or whatever a maker wrote */
  license(text: string): string {
    const expression = licenseExpression(text)
    if (expression === undefined)
      return this.add('simplelicensing_SimpleLicensingText', `license-${digest(text)}`, {
        comment: NO_EXPRESSION,
        simplelicensing_licenseText: text,
      })
    const references = expression.references.map((id) => ({
      type: 'DictionaryEntry',
      key: id,
      value: this.#text(this.#texts.get(id) ?? { id, text: NO_TEXT }),
    }))
    return this.add('simplelicensing_LicenseExpression', `license-${digest(expression.text)}`, {
      ...(references.length === 0 ? {} : { simplelicensing_customIdToUri: references }),
      simplelicensing_licenseExpression: expression.text,
    })
  }

  /** In the order of the identifiers. */
  elements(): readonly Element[] {
    return [...this.#elements.values()].sort((a, b) => (a.spdxId < b.spdxId ? -1 : 1))
  }

  #text({ id, name, text }: ExtractedLicense): string {
    return this.add('simplelicensing_SimpleLicensingText', encodeURIComponent(id.toWellFormed()), {
      ...(name === undefined ? {} : { name }),
      ...(text === NO_TEXT ? { comment: NO_TEXT } : {}),
      simplelicensing_licenseText: text,
    })
  }
}

function digest(value: unknown): string {
  return toHex(sha256(utf8(JSON.stringify(value)))).slice(0, 16)
}
