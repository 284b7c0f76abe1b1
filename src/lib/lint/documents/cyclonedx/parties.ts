/** People and organizations in CycloneDX. */
import type { Party } from '../../bom/index.ts'
import { array, field, string } from '../../readers/parse/shape.ts'
import { isEmail } from '../parts/texts/party.ts'
import { absoluteUri } from '../parts/texts/uri.ts'

export interface Contact {
  readonly name?: string
  readonly email?: string
}

export interface Entity {
  readonly name: string
  readonly url?: readonly string[]
  readonly contact?: readonly Contact[]
}

export function contactOf({ name, email }: Party): Contact {
  return { name, ...(email !== undefined && isEmail(email) ? { email } : {}) }
}

export function entityOf({ name, email, url }: Party): Entity {
  const address = url === undefined ? undefined : absoluteUri(url)
  return {
    name,
    ...(address === undefined ? {} : { url: [address] }),
    ...(email !== undefined && isEmail(email) ? { contact: [{ email }] } : {}),
  }
}

export function organizationFrom(entity: unknown): Party | undefined {
  const contact: unknown = array(field(entity, 'contact'))[0]
  const url = string(array(field(entity, 'url'))[0])
  const name = string(field(entity, 'name'))
  const email = string(field(contact, 'email'))
  if (name === undefined) return undefined
  return {
    kind: 'organization',
    name,
    ...(email === undefined ? {} : { email }),
    ...(url === undefined ? {} : { url }),
  }
}

export function personFrom(contact: unknown): Party | undefined {
  const [name, email] = [string(field(contact, 'name')), string(field(contact, 'email'))]
  if (name === undefined) return undefined
  return { kind: 'person', name, ...(email === undefined ? {} : { email }) }
}
