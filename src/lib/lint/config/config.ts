/** `.aiv-lint.yaml`: what a project says about its own linting. */
import { AivError } from '../../core/index.ts'
import { SEVERITIES, type Severity } from '../findings/index.ts'
import { array, entries, field, isTable, parseYaml, UnreadableText } from '../readers/parse/index.ts'
import { findRule, matchesPattern } from '../rules/index.ts'
import { isDate } from './dates.ts'

export const CONFIG_FILE = '.aiv-lint.yaml'

/** Larger than anything that people write by hand. */
const MAX_CONFIG_BYTES = 1024 * 1024

export interface SuppressionRule {
  /** Pattern over ids and names of rules. */
  readonly rule: string
  /** Pattern over paths; default all. */
  readonly path?: string | undefined
  /** Pattern over entities; default all. */
  readonly entity?: string | undefined
  readonly reason: string
  /** `YYYY-MM-DD`, the last day on which it holds. */
  readonly expires?: string | undefined
}

export interface LintConfig {
  readonly failOn?: Severity | 'never' | undefined
  readonly severity?: Severity | undefined
  readonly select: readonly string[]
  readonly skip: readonly string[]
  /** By id of the rule. */
  readonly severities: ReadonlyMap<string, Severity>
  /** Globs of paths that are not looked at. */
  readonly ignore: readonly string[]
  readonly suppressions: readonly SuppressionRule[]
  readonly baseline?: string | undefined
}

export const NO_CONFIG: LintConfig = {
  select: [],
  skip: [],
  severities: new Map(),
  ignore: [],
  suppressions: [],
}

/**
 * @param path for messages
 * @throws AivError `E_USAGE` that says where and what is wrong
 */
export function parseConfig(text: string, path: string): LintConfig {
  const fail = (message: string): never => {
    throw new AivError('E_USAGE', `${path}: ${message}`, {
      hint: 'aiv lint rules --config-schema prints its form',
    })
  }
  if (text.length > MAX_CONFIG_BYTES) fail(`it is longer than ${MAX_CONFIG_BYTES} bytes`)
  const value = parsed(text, fail)
  if (value === null || value === undefined) return NO_CONFIG
  if (!isTable(value)) return fail('it has to be a table of settings')
  onlyKeys(value, KEYS, 'the file', fail)
  if (field(value, 'version') !== 1) fail('version has to be 1')
  const off: string[] = []
  const severities = new Map<string, Severity>()
  for (const [word, level] of entries(tableOr(field(value, 'rules'), 'rules', fail))) {
    const rule = findRule(word)
    if (rule === undefined) return fail(`rules: there is no rule ${word}`)
    if (level === 'off') off.push(rule.id)
    else if (isSeverity(level)) severities.set(rule.id, level)
    else fail(`rules: ${word} has to be off, ${SEVERITIES.join(', ')}`)
  }
  return {
    failOn: oneOf(field(value, 'fail-on'), 'fail-on', [...SEVERITIES, 'never'] as const, fail),
    severity: oneOf(field(value, 'severity'), 'severity', SEVERITIES, fail),
    select: texts(field(value, 'select'), 'select', fail),
    skip: [...texts(field(value, 'skip'), 'skip', fail), ...off],
    severities,
    ignore: texts(field(value, 'ignore'), 'ignore', fail),
    suppressions: listOr(field(value, 'suppressions'), 'suppressions', fail).map((item, index) =>
      suppressionRule(item, `suppressions[${index}]`, fail),
    ),
    baseline: textOr(field(value, 'baseline'), 'baseline', fail),
  }
}

const KEYS = [
  'version',
  'fail-on',
  'severity',
  'select',
  'skip',
  'rules',
  'ignore',
  'suppressions',
  'baseline',
]
const SUPPRESSION_KEYS = ['rule', 'path', 'entity', 'reason', 'expires']

type Fail = (message: string) => never

function parsed(text: string, fail: Fail): unknown {
  try {
    const documents = parseYaml(text)
    return documents.length > 1 ? fail('it has to be one YAML document') : documents[0]
  } catch (error) {
    if (error instanceof UnreadableText) return fail(`line ${error.line}: ${error.message}`)
    throw error
  }
}

function suppressionRule(item: unknown, where: string, fail: Fail): SuppressionRule {
  if (!isTable(item)) return fail(`${where} has to be a table`)
  onlyKeys(item, SUPPRESSION_KEYS, where, fail)
  const rule = textOr(field(item, 'rule'), `${where}.rule`, fail) ?? fail(`${where}.rule is missing`)
  if (!rule.includes('*') && findRule(rule) === undefined) fail(`${where}: there is no rule ${rule}`)
  const reason = textOr(field(item, 'reason'), `${where}.reason`, fail)
  if (reason === undefined || reason.trim() === '') return fail(`${where}.reason is missing: say why`)
  const expires = textOr(field(item, 'expires'), `${where}.expires`, fail)
  if (expires !== undefined && !isDate(expires)) fail(`${where}.expires has to be a day such as 2027-06-30`)
  return {
    rule,
    path: textOr(field(item, 'path'), `${where}.path`, fail),
    entity: textOr(field(item, 'entity'), `${where}.entity`, fail),
    reason,
    expires,
  }
}

function onlyKeys(value: object, known: readonly string[], where: string, fail: Fail): void {
  for (const key of Object.keys(value))
    if (!known.includes(key)) fail(`${where} has an unknown setting ${key}`)
}

function tableOr(value: unknown, where: string, fail: Fail): unknown {
  return value === undefined || isTable(value) ? value : fail(`${where} has to be a table`)
}

function listOr(value: unknown, where: string, fail: Fail): readonly unknown[] {
  return value === undefined || Array.isArray(value) ? array(value) : fail(`${where} has to be a list`)
}

function texts(value: unknown, where: string, fail: Fail): readonly string[] {
  return listOr(value, where, fail).map((item) =>
    typeof item === 'string' && item !== '' ? item : fail(`${where} has to be a list of texts`),
  )
}

function textOr(value: unknown, where: string, fail: Fail): string | undefined {
  return value === undefined || typeof value === 'string' ? value : fail(`${where} has to be a text`)
}

function oneOf<Word extends string>(
  value: unknown,
  where: string,
  words: readonly Word[],
  fail: Fail,
): Word | undefined {
  if (value === undefined) return undefined
  return words.find((word) => word === value) ?? fail(`${where} has to be one of ${words.join(', ')}`)
}

function isSeverity(value: unknown): value is Severity {
  return SEVERITIES.includes(value as Severity)
}

/** @param rule the id and the name of the finding's rule */
export function suppresses(
  suppression: SuppressionRule,
  { rule, name, path, entity }: { rule: string; name: string; path: string; entity?: string | undefined },
): boolean {
  const pattern = suppression.rule.toLowerCase()
  if (!matchesPattern(rule.toLowerCase(), pattern) && !matchesPattern(name, pattern)) return false
  if (suppression.path !== undefined && !matchesPattern(path, suppression.path)) return false
  return suppression.entity === undefined || matchesPattern(entity ?? '', suppression.entity)
}
