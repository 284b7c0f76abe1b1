/** Whose hello a command sends, and which protocols it offers. */
import * as Flags from '@oclif/core/flags'

/** `--alpn none`: no extension at all. */
const NO_PROTOCOLS = 'none'

/** One of them, or none for the newest Chrome; see `chosenTemplate`. */
export const browserFlags = {
  chrome: Flags.string({
    summary: 'major version of Chrome, latest, or n-2; default latest',
    helpValue: 'VERSION',
    exclusive: ['firefox', 'template'],
  }),
  firefox: Flags.string({
    summary: 'major version of Firefox, or latest',
    helpValue: 'VERSION',
    exclusive: ['template'],
  }),
  template: Flags.string({
    summary: 'name of a template, or a file that ends in .json',
    helpValue: 'NAME',
  }),
}

/** The value of `--alpn`, as a hello is asked for with it; nothing when nothing is said. */
export function alpnOf(list: string | undefined): { readonly alpn?: readonly string[] } {
  if (list === undefined) return {}
  return { alpn: list === NO_PROTOCOLS ? [] : list.split(',') }
}
