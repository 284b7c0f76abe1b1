/**
 * What the gems of a `Gemfile` are for. It is a program and is not run; groups are written out in nearly all of them.
 * A file whose blocks do not add up says nothing, and every gem of it counts as required.
 */
import type { Scope } from '../../bom/index.ts'
import { strongerScope } from '../builder.ts'

/** Groups that a deployment leaves out (Bundler, "How to manage groups of gems", and what generators write). */
const DEVELOPMENT: ReadonlySet<string> = new Set(['development', 'test', 'doc', 'docs', 'lint', 'ci'])

/** A hundred times what a long one has. */
const MAX_LINES = 100_000
const MAX_LINE_LENGTH = 2_000

const GROUP = /^group[ (](.{1,500}?)\)? do$/
const GEM = /^gem[ (]{1,9}["']([^"'\s]{1,200})["'](.{0,1900})$/s
const OPENS = /\bdo(?: \|[^|]{0,100}\|)?$|^(?:if|unless|case|begin|def|while|until|for|class|module)\b/
const CLOSES = /\bend$/
const IN_GROUPS = /(?:\bgroups?:|:groups? ?=>) {0,9}(?:\[([^\]]{0,500})\]|([:"'][\w"']{1,100}))/

/** @returns by the name of the gem */
export function scopesOfGemfile(text: string): ReadonlyMap<string, Scope> {
  const scopes = new Map<string, Scope>()
  /** Names of the groups of each open block; of a block that is none, nothing. */
  const blocks: (readonly string[])[] = []
  for (const statement of statementsOf(text)) {
    const group = GROUP.exec(statement)?.[1]
    if (group !== undefined) blocks.push(namesIn(group))
    else if (statement === 'end') {
      if (blocks.pop() === undefined) return new Map()
    } else if (OPENS.test(statement) && !CLOSES.test(statement)) blocks.push([])
    const [, name, rest = ''] = GEM.exec(statement) ?? []
    if (name === undefined) continue
    const [, list, one] = IN_GROUPS.exec(rest) ?? []
    const groups = [...blocks.flat(), ...namesIn(list ?? one ?? '')]
    const scope = groups.length > 0 && groups.every((word) => DEVELOPMENT.has(word)) ? 'dev' : 'required'
    scopes.set(name, strongerScope(scopes.get(name) ?? scope, scope))
  }
  return blocks.length === 0 ? scopes : new Map()
}

/** Lines without comments; a line that ends in a comma goes on. */
function statementsOf(text: string): readonly string[] {
  const statements: string[] = []
  let open = ''
  for (const line of text.split('\n', MAX_LINES)) {
    const content = line.length > MAX_LINE_LENGTH ? '' : line.replace(/(?<!\S)#.*$/, '').trim()
    const statement = open === '' ? content : `${open} ${content}`
    open = content.endsWith(',') && statement.length < MAX_LINE_LENGTH ? statement : ''
    if (open === '' && statement !== '') statements.push(statement)
  }
  return statements
}

function namesIn(list: string): readonly string[] {
  return [...list.matchAll(/(?::|["'])(\w{1,100})/g)].map(([, name]) => name ?? '')
}
