/** Lockfiles name registries with user and password in the URL; a document is published. */
import type { Bom, Component, Party } from '../../../bom/index.ts'
import { withoutCredentials } from './uri.ts'

/** The same bill without user and password in any of its addresses. */
export function withoutPasswords(bom: Bom): Bom {
  const { authors, supplier } = bom.document
  return {
    ...bom,
    document: {
      ...bom.document,
      authors: authors.map(party),
      ...(supplier === undefined ? {} : { supplier: party(supplier) }),
    },
    components: bom.components.map(component),
  }
}

function component(given: Component): Component {
  const { downloadUrl, homepage, source, supplier, author } = given
  return {
    ...given,
    ...(downloadUrl === undefined ? {} : { downloadUrl: withoutCredentials(downloadUrl) }),
    ...(homepage === undefined ? {} : { homepage: withoutCredentials(homepage) }),
    ...(source === undefined ? {} : { source: { ...source, url: withoutCredentials(source.url) } }),
    ...(supplier === undefined ? {} : { supplier: party(supplier) }),
    ...(author === undefined ? {} : { author: party(author) }),
  }
}

function party(given: Party): Party {
  return given.url === undefined ? given : { ...given, url: withoutCredentials(given.url) }
}
