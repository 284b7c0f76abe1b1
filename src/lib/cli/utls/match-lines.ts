/** What hellos match, as lines for people and for programs. */
import { type FoundHello, ja4, type Match, matchHello, templateById } from '../../tls/index.ts'
import { encodeJson, JSON_VERSION, printable } from '../output.ts'
import { ADDRESS_WIDTH, nameOf } from './hello-lines.ts'

const NAME_WIDTH = 30
/** Characters of one side of a difference. */
const TEXT_MOST = 60

export const MATCH_TABLE_HEAD = `${'from'.padEnd(ADDRESS_WIDTH)}  ${'name'.padEnd(NAME_WIDTH)}  match`

/** Undefined for the hello of a server. */
export function matchJson(found: FoundHello): string | undefined {
  if (found.kind === 'server') return undefined
  const { hello, transport, src, dst, packet } = found
  const place = { v: JSON_VERSION, src, dst, packet, transport, sni: nameOf(hello) ?? null }
  return encodeJson({ ...place, ja4: ja4(hello, transport).ja4, ...fieldsOf(matchHello(hello, transport)) })
}

export function matchText(found: FoundHello): string | undefined {
  if (found.kind === 'server') return undefined
  const { hello, transport, src = '-' } = found
  const match = matchHello(hello, transport)
  const [first = '', ...more] = linesOf(match)
  const line = `${src.padEnd(ADDRESS_WIDTH)}  ${(nameOf(hello) ?? '').padEnd(NAME_WIDTH)}  ${first}`
  return [line, ...more.map((text) => `  ${text}`)].map(printable).join('\n')
}

/** The same fields for each verdict, so that programs need not look for them. */
function fieldsOf(match: Match): object {
  const { verdict } = match
  const isNamed = verdict !== 'unknown'
  return {
    verdict,
    browser: isNamed ? match.browser : null,
    versions: isNamed ? match.versions : null,
    trial: (verdict === 'match' ? match.trial : undefined) ?? null,
    templates: verdict === 'match' ? match.templates : [],
    deciding: verdict === 'match' ? match.deciding : [],
    nearest: (verdict === 'match' ? undefined : match.nearest) ?? null,
    tells: verdict === 'match' ? [] : match.tells,
  }
}

function linesOf(match: Match): readonly string[] {
  switch (match.verdict) {
    case 'match': {
      const trial = match.trial === undefined ? '' : ` in the field trial ${match.trial}`
      return [`${match.browser} ${rangeText(match.versions)}${trial}`, ...neighbours(match)]
    }
    case 'impostor': {
      const [first, ...more] = match.tells
      const others = more.length === 0 ? '' : `, and ${more.length} more`
      return [
        `IMPOSTOR of ${match.browser} ${rangeText(match.versions)}`,
        ...(first === undefined ? [] : [`${contrast(first)}${others}`]),
      ]
    }
    case 'unknown':
      return match.nearest === undefined
        ? ['unknown']
        : [`unknown, nearest is ${match.nearest}`, ...match.tells.map(contrast)]
  }
}

/** What keeps it from being of the versions just before and just after. */
function neighbours({ versions, deciding }: Match & { readonly verdict: 'match' }): readonly string[] {
  return deciding.flatMap(({ excludes, field, found, expected }) => {
    const other = templateById(excludes).versions
    const isBeside = other.last === versions.first - 1 || other.first === versions.last + 1
    return isBeside ? [`not ${rangeText(other)}, by ${contrast({ field, found, expected })}`] : []
  })
}

function contrast(difference: {
  readonly field: string
  readonly found: string
  readonly expected: string
}): string {
  const [found, expected] = [difference.found, difference.expected].map(shortened)
  return `${difference.field}: ${found} instead of ${expected}`
}

/** Long lists are for programs. */
function shortened(text: string): string {
  return text.length > TEXT_MOST ? `${text.slice(0, TEXT_MOST)}…` : text
}

function rangeText({ first, last }: { readonly first: number; readonly last: number }): string {
  return first === last ? `${first}` : `${first}-${last}`
}
