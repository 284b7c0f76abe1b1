/** Hostile texts from a seed: real lockfiles and documents with something wrong. */
import type { SeededRandom } from '../../../src/lib/core/index.ts'
import { pickOne } from '../session-mutation.ts'

/** What parsers and readers stumble over. */
const ODDITIES = [
  '__proto__',
  'constructor',
  'toString',
  '../../../../etc/passwd',
  '/etc/passwd',
  'C:\\windows',
  '\0',
  '\u202e',
  '\ud800',
  '',
  ' ',
  'null',
  'true',
  '-1',
  '1e999',
  '9007199254740993',
  '""',
  '{}',
  '[]',
  '[[[[',
  '}}}}',
  '&a *a',
  '<<: *a',
  '!!js/function',
  '---\n',
  '<text>',
  '</text>',
  '<!ENTITY a "b">&a;',
  'pkg:',
  'git+ssh://user:secret@host/x',
  'git@host:path',
  '%',
  '%ff',
  '\r\n',
  '\t',
  '\ufeff',
  'é'.repeat(300),
  '@',
  '@/',
  '/',
  ':',
  '(((((((((((((((((((((((((((((((',
  'a'.repeat(5000),
  ' AND '.repeat(300),
] as const

const NESTING = 20_000

/** One to four changes. */
export function mutateText(random: SeededRandom, text: string): string {
  let changed = text
  for (let times = 1 + random.below(4); times > 0; times -= 1) changed = mutateOnce(random, changed)
  return changed
}

function mutateOnce(random: SeededRandom, text: string): string {
  const at = random.below(text.length + 1)
  switch (random.below(9)) {
    case 0:
      return text.slice(0, at)
    case 1:
      return text.slice(0, at) + pickOne(random, ODDITIES) + text.slice(at)
    case 2:
      return text.slice(0, at) + text.slice(at + 1 + random.below(40))
    case 3:
      return replaceToken(random, text, at)
    case 4:
      return swapLines(random, text)
    case 5:
      return repeatLine(random, text)
    case 6:
      return (
        text.slice(0, at) +
        pickOne(random, ['[', '{', '(', '- ', '<a>', '  ']).repeat(NESTING) +
        text.slice(at)
      )
    case 7:
      return moveToken(random, text, at)
    default:
      return text.slice(0, at) + String.fromCharCode(random.below(0x80)) + text.slice(at + 1)
  }
}

const TOKEN = /[\w@./:+-]+/g

/** Another word in the place of a word, so that the form stays and the meaning goes. */
function replaceToken(random: SeededRandom, text: string, near: number): string {
  TOKEN.lastIndex = near
  const token = TOKEN.exec(text)
  if (token === null) return text
  return text.slice(0, token.index) + pickOne(random, ODDITIES) + text.slice(token.index + token[0].length)
}

/** A word of the text itself in the place of another: references that lead elsewhere, versions that are names. */
function moveToken(random: SeededRandom, text: string, near: number): string {
  TOKEN.lastIndex = random.below(text.length + 1)
  const [word] = TOKEN.exec(text) ?? []
  TOKEN.lastIndex = near
  const token = TOKEN.exec(text)
  if (word === undefined || token === null) return text
  return text.slice(0, token.index) + word + text.slice(token.index + token[0].length)
}

function swapLines(random: SeededRandom, text: string): string {
  const lines = text.split('\n')
  const a = random.below(lines.length)
  const b = random.below(lines.length)
  const line = lines[a] as string
  lines[a] = lines[b] as string
  lines[b] = line
  return lines.join('\n')
}

function repeatLine(random: SeededRandom, text: string): string {
  const lines = text.split('\n')
  const at = random.below(lines.length)
  lines.splice(at, 0, ...Array.from({ length: 1 + random.below(20) }, () => lines[at] as string))
  return lines.join('\n')
}
