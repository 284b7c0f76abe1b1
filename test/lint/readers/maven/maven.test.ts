import { beforeAll, describe, expect, it } from 'vitest'
import type { Component } from '../../../../src/lib/lint/bom/index.ts'
import { mavenReader } from '../../../../src/lib/lint/readers/maven/reader.ts'
import { conformancePath } from '../../../support/conformance.ts'
import {
  type EffectiveDependency,
  type EffectiveModel,
  effectiveModels,
  mavenJudge,
} from '../../../support/maven-model/effective-models.ts'
import {
  cleanProject,
  component,
  edgesOf,
  onlyProject,
  purlsOf,
  readAt,
  readTexts,
  textAt,
} from '../lock-text.ts'
import { trivyPurls } from '../trivy-golden.ts'
import { BUILD } from './build.ts'

const data = conformancePath('lint', 'lockfiles')
const hasMaven = mavenJudge()
const MODULES = ['org.example:bom', 'org.example:core', 'org.example:util', 'org.example.web:web']

/** The direct dependencies as Maven would name them, and as we do, in one form. */
function said({ name, version, type, classifier, scope, optional }: EffectiveDependency): string {
  const ours = scope === 'test' ? 'dev' : optional ? 'optional' : 'required'
  const kind =
    type === 'test-jar' ? 'tests' : [classifier, type === 'jar' ? undefined : type].filter(Boolean).join(' ')
  return `${name} ${version} ${ours} ${kind}`.trim()
}

function found({ name, version, scope, purl }: Component): string {
  const qualifiers = new URLSearchParams(purl?.split('?')[1] ?? '')
  return `${name} ${version} ${scope} ${[qualifiers.get('classifier'), qualifiers.get('type')].filter(Boolean).join(' ')}`.trim()
}

function direct(path: string, files: Readonly<Record<string, string>>): readonly Component[] {
  const project = onlyProject(readTexts(mavenReader, path, files))
  const refs = new Set(project.edges.filter(([from]) => from === project.root.ref).map(([, to]) => to))
  return project.components.filter(({ ref }) => refs.has(ref))
}

/** POMs of the corpus that need nothing from outside. */
const CLOSED = [
  'trivy/pom/pom.xml',
  'syft/java/java-builds/example-java-app/pom.xml',
  'syft/java/pom/transitive-top-level/pom.xml',
  'syft/java/internal/maven/local/parent-2/pom.xml',
]

describe.runIf(hasMaven)('a pom.xml says the same to Maven', () => {
  // One run of Maven for all, for it takes seconds to start.
  let models: ReadonlyMap<string, EffectiveModel> = new Map()
  beforeAll(() => {
    const corpus = data === undefined ? [] : CLOSED.map((file) => [file, textAt(`${data}/${file}`)])
    models = effectiveModels({ ...BUILD, ...Object.fromEntries(corpus) })
  }, 120_000)

  it.each(Object.keys(BUILD))('in a build of several modules: %s', (path) => {
    const model = models.get(path)
    const { root } = cleanProject(readTexts(mavenReader, path, BUILD))
    expect(`${root.name} ${root.version}`).toBe(`${model?.name} ${model?.version}`)
    // An attached jar of tests is the same module again, whose strongest scope stays.
    const wanted = model?.dependencies.map(said).filter((text) => !text.endsWith('tests'))
    const modules = path === 'pom.xml' ? MODULES : []
    const ours = direct(path, BUILD).filter(({ name }) => !modules.includes(name))
    expect(ours.map(found).sort()).toEqual(wanted?.sort())
  })

  it.runIf(data !== undefined).each(CLOSED)('in %s', (file) => {
    const wanted = models.get(file)?.dependencies.map(said) ?? []
    const ours = direct('pom.xml', { 'pom.xml': textAt(`${data}/${file}`) })
    expect(ours.map(found).sort()).toEqual(wanted.sort())
    expect(wanted.length).toBeGreaterThan(0)
  })
})

describe('a build of several modules', () => {
  it('connects its modules with each other and with the project', () => {
    const top = cleanProject(readTexts(mavenReader, 'pom.xml', BUILD))
    expect(edgesOf(top)).toEqual(
      expect.arrayContaining([
        'org.example:top 2.5.0 -> org.example:bom 2.5.0',
        'org.example:top 2.5.0 -> org.example:core 2.5.0',
        'org.example:top 2.5.0 -> org.example:util 0.9',
        'org.example:top 2.5.0 -> org.example.web:web 2.5.0',
      ]),
    )
    const web = cleanProject(readTexts(mavenReader, 'web/pom.xml', BUILD))
    expect(web.root.ref).toBe('path:web')
    expect(component(web, 'org.example:util')).toMatchObject({ ref: 'path:libs/util', origin: 'workspace' })
    // Another version than the one of this build comes from a repository.
    expect(component(web, 'org.example:core').purl).toBe('pkg:maven/org.example/core@1.0.0')
  })

  it('has types and classifiers in package URLs, and no URL for modules', () => {
    const core = cleanProject(readTexts(mavenReader, 'core/pom.xml', BUILD))
    expect(purlsOf(core)).toEqual([
      'pkg:maven/com.google.guava/guava@31.1-jre',
      'pkg:maven/commons-io/commons-io@2.11.0',
      'pkg:maven/javax.servlet/javax.servlet-api@4.0.1',
      'pkg:maven/junit/junit@4.13.2',
      'pkg:maven/org.apache.commons/commons-lang3@3.12.0',
      'pkg:maven/org.example.native/codec@1?classifier=linux-x86_64&type=so',
      'pkg:maven/org.example.third/usual@1.1',
      'pkg:maven/org.slf4j/slf4j-api@1.7.36',
    ])
    expect(component(core, 'javax.servlet:javax.servlet-api').properties).toEqual({
      'aiv:maven:scope': 'provided',
    })
    expect(core.incomplete?.get('pkg:maven/junit/junit@4.13.2')).toBe('unknown')
    expect(core.incomplete?.get('path:core')).toBeUndefined()
  })

  it('of a thousand modules is read in a second or two', () => {
    const modules = Array.from({ length: 1000 }, (_, i) => `m${i}`)
    const parent = '<parent><groupId>g</groupId><artifactId>top</artifactId><version>1</version></parent>'
    const files = Object.fromEntries([
      [
        'pom.xml',
        `<project><groupId>g</groupId><artifactId>top</artifactId><version>1</version><modules>${modules.map((m) => `<module>${m}</module>`).join('')}</modules></project>`,
      ],
      ...modules.map((m, i) => [
        `${m}/pom.xml`,
        `<project>${parent}<artifactId>${m}</artifactId><dependencies><dependency><groupId>g</groupId><artifactId>m${(i + 1) % 1000}</artifactId><version>1</version></dependency></dependencies></project>`,
      ]),
    ])
    const shared = new (class extends Map<string, string> {})(Object.entries(files))
    const project = {
      text: (path: string) => shared.get(path),
      bytes: (path: string) => (shared.has(path) ? new TextEncoder().encode(shared.get(path)) : undefined),
      list: () => [],
    }
    const { user } = process.cpuUsage()
    for (const path of shared.keys()) expect(mavenReader.read(path, project).problems).toEqual([])
    expect(process.cpuUsage().user - user).toBeLessThan(4_000_000)
  })
})

describe.runIf(data !== undefined)('pom.xml', () => {
  it('gives the vulnerable package that Trivy finds', () => {
    const project = cleanProject(readAt(mavenReader, `${data}/trivy/pom/pom.xml`))
    expect(purlsOf(project)).toEqual(expect.arrayContaining([...trivyPurls('pom/EXPECTED.pom.json')]))
  })

  it.each([
    [
      'syft/java/java-builds/example-sb-app/pom.xml',
      5,
      'org.springframework.boot:spring-boot-starter-parent',
    ],
    ['syft/java/pom/commons-text-1.10.0/pom.xml', 20, 'org.apache.commons:commons-parent'],
    [
      'syft/java/jar-metadata/opensaml-core-3.4.6/META-INF/maven/org.opensaml/opensaml-core/pom.xml',
      7,
      'org.opensaml:opensaml-parent',
    ],
  ])('%s reports the parent that is not there', (file, line, parent) => {
    const { projects, problems } = readAt(mavenReader, `${data}/${file}`)
    expect(problems[0]).toMatchObject({ severity: 'warning', path: 'pom.xml', line })
    expect(problems[0]?.message).toContain(parent)
    expect(problems.every(({ severity }) => severity === 'warning')).toBe(true)
    expect(projects[0]?.incomplete?.get('path:.')).toBe('incomplete')
  })

  it('has a component without a version where a parent would give it', () => {
    const project = onlyProject(readAt(mavenReader, `${data}/syft/java/java-builds/example-sb-app/pom.xml`))
    expect(purlsOf(project)).toEqual([
      'pkg:maven/org.springframework.boot/spring-boot-starter-actuator',
      'pkg:maven/org.springframework.boot/spring-boot-starter-test',
      'pkg:maven/org.springframework.boot/spring-boot-starter-web',
    ])
    expect(component(project, 'org.springframework.boot:spring-boot-starter-test').scope).toBe('dev')
    expect(project.root.description).toBe('Demo project for Spring Boot')
  })

  it('reports an imported list of versions that is not there', () => {
    const path = `${data}/syft/java/jar-metadata/jackson-core-2.15.2/META-INF/maven/com.fasterxml.jackson.core/jackson-core/pom.xml`
    const { problems } = readAt(mavenReader, path)
    expect(problems.map(({ message }) => message).join('\n')).toContain('org.junit:junit-bom:5.9.2')
  })

  it('in ISO-8859-1 is read, and one that is corrupt is an error with its line', () => {
    const project = cleanProject(
      readAt(mavenReader, `${data}/syft/java/internal/maven/local/parent-2/pom.xml`),
    )
    expect(project.root.licenses?.declared).toBe('Eclipse Public License v2.0')
    expect(readAt(mavenReader, `${data}/syft/java/corrupt/pom.xml`)).toMatchObject({
      projects: [],
      problems: [{ severity: 'error', path: 'pom.xml', line: 1 }],
    })
  })

  it.each(['circular-1', 'child-3', 'child-1', 'contains-child-1'])(
    '%s is read as far as it goes',
    (folder) => {
      const local = `${data}/syft/java/internal/maven/local`
      const { projects, problems } = readAt(mavenReader, `${local}/${folder}/pom.xml`, local)
      expect(projects).toHaveLength(1)
      expect(problems.filter(({ severity }) => severity === 'error')).toEqual([])
      expect(JSON.stringify(projects)).not.toContain('$' + '{')
    },
  )
})

describe('a pom.xml', () => {
  const pom = (body: string) =>
    `<project><groupId>g</groupId><artifactId>a</artifactId><version>1</version>${body}</project>`
  const needs = (...versions: readonly string[]) =>
    `<dependencies>${versions
      .map(
        (version, i) =>
          `<dependency><groupId>x</groupId><artifactId>d${i}</artifactId><version>${version}</version></dependency>`,
      )
      .join('')}</dependencies>`
  const read = (text: string, more: Record<string, string> = {}) =>
    readTexts(mavenReader, 'pom.xml', { 'pom.xml': text, ...more })

  it('says which versions are left to a repository', () => {
    const result = read(pom(needs('[1.0,2.0)', 'LATEST', '[3.1]', '$' + '{none}', '4')))
    expect(purlsOf(onlyProject(result))).toEqual([
      'pkg:maven/x/d0',
      'pkg:maven/x/d1',
      'pkg:maven/x/d2@3.1',
      'pkg:maven/x/d3',
      'pkg:maven/x/d4@4',
    ])
    expect(result.problems.map(({ severity }) => severity)).toEqual(['warning', 'warning', 'warning'])
  })

  it('with properties that refer to themselves, or double each other, ends', () => {
    const circle = `<properties><p>$\{q}</p><q>$\{p}</q></properties>`
    expect(read(pom(circle + needs('$' + '{p}'))).problems).toMatchObject([{ severity: 'warning', line: 1 }])
    const names = Array.from({ length: 64 }, (_, i) => i)
    const bomb = `<properties><b0>xxxxxxxxxx</b0>${names.map((i) => `<b${i + 1}>$\{b${i}}$\{b${i}}</b${i + 1}>`).join('')}</properties>`
    expect(onlyProject(read(pom(bomb + needs('$' + '{b64}')))).components).toHaveLength(1)
  })

  it('whose parents are a circle is reported', () => {
    const child = (name: string, parent: string) =>
      `<project><parent><groupId>g</groupId><artifactId>${parent}</artifactId><version>1</version><relativePath>../${parent}</relativePath></parent><artifactId>${name}</artifactId></project>`
    const files = { 'a/pom.xml': child('a', 'b'), 'b/pom.xml': child('b', 'a') }
    const { problems } = readTexts(mavenReader, 'a/pom.xml', files)
    expect(problems).toMatchObject([{ severity: 'warning', path: 'b/pom.xml' }])
    expect(problems[0]?.message).toContain('its own ancestor')
  })

  it('does not take another POM for its parent, nor one outside the project', () => {
    const child = (path: string) =>
      `<project><parent><groupId>g</groupId><artifactId>p</artifactId><version>1</version><relativePath>${path}</relativePath></parent><artifactId>c</artifactId></project>`
    const other = { 'other/pom.xml': pom('') }
    expect(read(child('other'), other).problems[0]?.message).toContain('other/pom.xml is another one')
    expect(read(child('../../../etc/pom.xml')).problems[0]?.message).toContain('not in the project')
    expect(read(child('')).problems[0]?.message).toContain('not in the project')
  })

  it('has the file of a dependency of the system, where it lies in the project', () => {
    const system = (path: string) =>
      `<dependency><groupId>x</groupId><artifactId>d</artifactId><version>1</version><scope>system</scope><systemPath>${path}</systemPath></dependency>`
    const at = (path: string) =>
      onlyProject(read(pom(`<dependencies>${system(path)}</dependencies>`))).components.map(
        ({ ref, purl }) => [ref, purl],
      )
    expect(at('$' + '{project.basedir}/lib/d.jar')).toEqual([['path:lib/d.jar', undefined]])
    expect(at('/opt/vendor/d.jar')).toEqual([['maven-system:x:d@1', undefined]])
    expect(at('$' + '{java.home}/lib/tools.jar')).toEqual([['maven-system:x:d@1', undefined]])
  })

  it('has the classifier that a type stands for', () => {
    const typed = (type: string) =>
      `<dependencies><dependency><groupId>x</groupId><artifactId>d</artifactId><version>1</version><type>${type}</type></dependency></dependencies>`
    const purls = ['jar', 'test-jar', 'ejb-client', 'pom', 'aar'].flatMap((type) =>
      purlsOf(cleanProject(read(pom(typed(type))))),
    )
    expect(purls).toEqual([
      'pkg:maven/x/d@1',
      'pkg:maven/x/d@1?classifier=tests',
      'pkg:maven/x/d@1?classifier=client',
      'pkg:maven/x/d@1?type=pom',
      'pkg:maven/x/d@1?type=aar',
    ])
  })

  it('is built with its own modules where the POM above does not name it', () => {
    const needsInner =
      '<dependencies><dependency><groupId>g</groupId><artifactId>inner</artifactId><version>1</version></dependency></dependencies>'
    const files = {
      'pom.xml': pom(''),
      'x/pom.xml': pom(`<modules><module>inner</module></modules>${needsInner}`),
      'x/inner/pom.xml':
        '<project><groupId>g</groupId><artifactId>inner</artifactId><version>1</version></project>',
    }
    const project = cleanProject(readTexts(mavenReader, 'x/pom.xml', files))
    expect(project.components.map(({ ref }) => ref)).toEqual(['path:x/inner'])
  })

  it('takes a parent whose version only a property gives', () => {
    const child =
      '<project><parent><groupId>g</groupId><artifactId>a</artifactId><version>$' +
      '{v}</version></parent><artifactId>c</artifactId></project>'
    const files = { 'pom.xml': pom('<properties><v>1</v></properties>'), 'c/pom.xml': child }
    const { root } = cleanProject(readTexts(mavenReader, 'c/pom.xml', files))
    expect(`${root.name} ${root.version}`).toBe('g:c 1')
  })

  it('leaves a dependency out that has no name', () => {
    const result = read(pom('<dependencies>\n<dependency><groupId>x</groupId></dependency>\n</dependencies>'))
    expect(onlyProject(result).components).toEqual([])
    expect(result.problems).toMatchObject([{ severity: 'warning', line: 2 }])
  })

  it('does not resolve entities of its own, and keeps those of HTML as they are', () => {
    const text = `<!DOCTYPE project [<!ENTITY x SYSTEM "file:///etc/hostname">]>\n${pom('<description>a &x; b &copy; c</description>')}`
    expect(cleanProject(read(text)).root.description).toBe('a &x; b &copy; c')
  })

  it.each([
    ['with another outermost element', '<settings/>', 1],
    ['that is cut off', '<project>\n<groupId>', 2],
    ['that is empty', '', 1],
    ['that is nested too deep', '<project>'.repeat(1000), 1],
    ['in an unknown encoding', '<?xml version="1.0" encoding="x-none"?><project/>', 1],
  ])('%s is an error with its line', (_, text, line) => {
    expect(read(text)).toMatchObject({
      projects: [],
      problems: [{ severity: 'error', path: 'pom.xml', line }],
    })
  })
})
