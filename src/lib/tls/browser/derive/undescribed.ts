/** What a template cannot say. */
import { AivError } from '../../../core/index.ts'

/** Better none than a wrong one, which would be a mark of its own. */
export function undescribed(what: string): AivError {
  return new AivError('E_UNSUPPORTED', `no template can describe these hellos: ${what}`, {
    hint: 'The browser does something that this version of aiv does not know; look for a newer one.',
  })
}
