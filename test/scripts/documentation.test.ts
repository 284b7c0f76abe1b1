import { existsSync, readdirSync, readFileSync } from 'node:fs'
import { dirname, join, relative } from 'node:path'
import { describe, expect, it } from 'vitest'
import { REPOSITORY } from '../support/aiv.ts'

const PAGES = readdirSync(join(REPOSITORY, 'docs'))
  .filter((name) => name.endsWith('.md'))
  .map((name) => `docs/${name}`)

interface Link {
  readonly from: string
  /** From the top of the repository. */
  readonly to: string
}

function linksOf(page: string): readonly Link[] {
  const text = readFileSync(join(REPOSITORY, page), 'utf8').replace(/^```.*?^```/gms, '')
  return [...text.matchAll(/\]\((?!\w+:|#)([^)#\s]+)(?:#[^)\s]*)?\)/g)].map(([, target = '']) => ({
    from: page,
    to: relative(REPOSITORY, join(REPOSITORY, dirname(page), target)),
  }))
}

const LINKS = ['README.md', 'CONTRIBUTING.md', ...PAGES].flatMap(linksOf)

describe('the documentation', () => {
  it('has links that lead to something', () => {
    expect(LINKS.length).toBeGreaterThan(20)
    for (const { from, to } of LINKS) expect(existsSync(join(REPOSITORY, to)), `${from} -> ${to}`).toBe(true)
  })

  it.each(PAGES)('leads a reader to %s', (page) => {
    expect(LINKS.filter(({ from, to }) => to === page && from !== page)).not.toEqual([])
  })
})
