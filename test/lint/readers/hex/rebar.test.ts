import { describe, expect, it } from 'vitest'
import { rebarReader } from '../../../../src/lib/lint/readers/hex/rebar-reader.ts'
import { conformancePath } from '../../../support/conformance.ts'
import { cleanProject, component, edgesOf, onlyProject, purlsOf, readAt, readTexts } from '../lock-text.ts'

const data = conformancePath('lint', 'lockfiles', 'syft', 'erlang')
const git = (name: string, url: string, commit: string) =>
  `pkg:hex/${name}@${commit}?vcs_url=${encodeURIComponent(`git+${url}@${commit}`).replaceAll('%3A', ':')}`

describe.runIf(data !== undefined)('rebar.lock', () => {
  it('has the packages of Hex with the hash of the archive', () => {
    const project = cleanProject(readAt(rebarReader, `${data}/rebar.lock`))
    expect(purlsOf(project)).toEqual([
      'pkg:hex/certifi@2.9.0',
      'pkg:hex/idna@6.1.1',
      'pkg:hex/metrics@1.0.1',
      'pkg:hex/mimerl@1.2.0',
      'pkg:hex/parse_trans@3.3.1',
      'pkg:hex/ssl_verify_fun@1.1.6',
      'pkg:hex/unicode_util_compat@0.7.0',
    ])
    expect(component(project, 'idna').hashes).toEqual([
      { algorithm: 'sha256', value: '92376eb7894412ed19ac475e4a86f7b413c1b9fbb5bd16dccd57934157944cea' },
    ])
  })

  it('has packages from Git, and edges only to what the project asks for itself', () => {
    const project = cleanProject(readAt(rebarReader, `${data}/rebar-2.lock`))
    expect(purlsOf(project)).toEqual(
      [
        'pkg:hex/bcrypt@1.1.5',
        git('bson', 'https://github.com/comtihon/bson-erlang', '14308ab927cfa69324742c3de720578094e0bb19'),
        'pkg:hex/certifi@2.9.0',
        'pkg:hex/stdout_formatter@0.2.3',
        git(
          'swc',
          'https://github.com/vernemq/ServerWideClocks.git',
          '4835239dca5a5f4ac7202dd94d7effcaa617d575',
        ),
        'pkg:hex/syslog@1.1.0',
        'pkg:hex/unicode_util_compat@0.7.0',
        git(
          'vernemq_dev',
          'https://github.com/vernemq/vernemq_dev.git',
          '6d622aa8c901ae7777433aef2bd049e380c474a6',
        ),
      ].sort(),
    )
    const direct = edgesOf(project).map((edge) => edge.split(' -> ')[1]?.split(' ')[0])
    expect(direct).toEqual(['bcrypt', 'stdout_formatter', 'swc', 'syslog', 'vernemq_dev'])
    expect(project.incomplete?.get('pkg:hex/bcrypt@1.1.5')).toBe('unknown')
  })
})

describe('a rebar.lock', () => {
  const read = (text: string) => readTexts(rebarReader, 'rebar.lock', { 'rebar.lock': text })

  it('may be a list without a version, or empty', () => {
    expect(purlsOf(cleanProject(read('[{<<"a">>,{pkg,<<"b">>,<<"1.0">>},0}].')))).toEqual(['pkg:hex/b@1.0'])
    expect(cleanProject(read('[].')).components).toEqual([])
  })

  it('may name a folder of a repository, and a text of any language', () => {
    const project = cleanProject(
      read(
        '{"1.2.0",[{<<"a"/utf8>>,{git_subdir,"https://git.example.org/r",{ref,"c0ffee"},"libs/a"},0}]}. % end\n[].',
      ),
    )
    expect(purlsOf(project)).toEqual([
      'pkg:hex/a@c0ffee?vcs_url=git%2Bhttps:%2F%2Fgit.example.org%2Fr%40c0ffee#libs/a',
    ])
  })

  it('leaves an entry of an unknown form out', () => {
    const result = read('[{<<"a">>,{svn,"x"},0},\n {<<"b">>,{pkg,<<"b">>,<<"1">>},0}].')
    expect(purlsOf(onlyProject(result))).toEqual(['pkg:hex/b@1'])
    expect(result.problems).toMatchObject([{ severity: 'warning', path: 'rebar.lock' }])
  })

  it.each([
    ['of an unknown version', '{"9.0.0",[]}.', 1, /1\.1\.0 and 1\.2\.0/],
    ['cut off', '{"1.2.0",\n[{<<"a">>', 2, /missing/],
    ['with a call', '{"1.2.0",\n[halt()]}.', 2, /missing/],
    ['without a full stop', '[]', 1, /missing/],
  ])('%s is an error with its line', (_, text, line, message) => {
    const { projects, problems } = read(text)
    expect(projects).toEqual([])
    expect(problems).toMatchObject([{ severity: 'error', line, message: expect.stringMatching(message) }])
  })
})
