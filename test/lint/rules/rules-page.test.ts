import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { configSchemaFile, rulesPage } from '../../../scripts/lint-docs.ts'
import { RULES } from '../../../src/lib/lint/rules/index.ts'
import { REPOSITORY } from '../../support/aiv.ts'

describe('the pages about rules', () => {
  it('say what the rules say', () => {
    expect(readFileSync(join(REPOSITORY, 'docs/lint-rules.md'), 'utf8')).toBe(rulesPage())
    expect(readFileSync(join(REPOSITORY, 'docs/aiv-lint.schema.json'), 'utf8')).toBe(configSchemaFile())
  })
})

describe('every rule', () => {
  it('has an id and a name of its own', () => {
    expect(new Set(RULES.map(({ id }) => id)).size).toBe(RULES.length)
    expect(new Set(RULES.map(({ name }) => name)).size).toBe(RULES.length)
  })

  it.each(RULES.map((rule) => [rule.id, rule] as const))(
    '%s says what, why, what to do and on whose word',
    (_, rule) => {
      expect(rule.id).toMatch(/^[A-Z]{2}\d{4}$/)
      expect(rule.name).toMatch(/^[a-z]+(?:-[a-z]+)+$/)
      for (const text of [rule.summary, rule.rationale, rule.fix]) expect(text).toMatch(/^[A-Z].*\.$/)
      expect(rule.references.length).toBeGreaterThan(0)
      for (const { url } of rule.references) expect(url).toMatch(/^https:\/\//)
    },
  )
})
