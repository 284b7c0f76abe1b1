import { describe, expect, it } from 'vitest'
import { scopeOfConfigurations } from '../../../../src/lib/lint/readers/gradle/configurations.ts'
import { gradleLockReader } from '../../../../src/lib/lint/readers/gradle/lock-reader.ts'
import { conformancePath } from '../../../support/conformance.ts'
import { cleanProject, component, edgesOf, onlyProject, purlsOf, readAt, readTexts } from '../lock-text.ts'
import { trivyPurls } from '../trivy-golden.ts'

const data = conformancePath('lint', 'lockfiles')

describe.runIf(data !== undefined)('gradle.lockfile', () => {
  it('gives the vulnerable package that Trivy finds, which is all there is', () => {
    const project = cleanProject(readAt(gradleLockReader, `${data}/trivy/gradle/gradle.lockfile`))
    expect(purlsOf(project)).toEqual(trivyPurls('gradle/EXPECTED.gradle.json'))
  })

  it('tells what runs from what only tests use', () => {
    const project = cleanProject(readAt(gradleLockReader, `${data}/syft/java/gradle/gradle.lockfile`))
    expect(
      project.components.map(({ purl, scope, occurrences }) => [purl, scope, occurrences?.[0]?.line]),
    ).toEqual([
      ['pkg:maven/joda-time/joda-time@2.2', 'required', 4],
      ['pkg:maven/junit/junit@4.12', 'dev', 5],
      ['pkg:maven/org.hamcrest/hamcrest-core@1.3', 'dev', 6],
      ['pkg:maven/org.apache.commons/commons-text@1.8', 'required', 8],
    ])
    expect(edgesOf(project)).toHaveLength(4)
    expect(project.incomplete?.get('pkg:maven/junit/junit@4.12')).toBe('unknown')
  })
})

describe('a lockfile of Gradle', () => {
  const read = (text: string, more: Record<string, string> = {}, path = 'app/gradle.lockfile') =>
    readTexts(gradleLockReader, path, { [path]: text, ...more })
  const sha256 = '5'.repeat(64)
  const verification = `<?xml version="1.0" encoding="UTF-8"?>
<verification-metadata xmlns="https://schema.gradle.org/dependency-verification">
  <configuration><verify-metadata>true</verify-metadata></configuration>
  <components>
    <component group="g" name="a" version="1">
      <artifact name="a-1.jar"><sha256 value="${sha256}" origin="x"/><sha512 value="bad"/></artifact>
      <artifact name="a-1.pom"><sha256 value="${'6'.repeat(64)}"/></artifact>
    </component>
    <component group="g" name="b" version="1"><artifact name="b-1.pom"><sha256 value="${sha256}"/></artifact></component>
  </components>
</verification-metadata>`

  it('has hashes of the archives that the build verifies', () => {
    const project = cleanProject(
      read('g:a:1=runtimeClasspath\ng:b:1=runtimeClasspath\nempty=\n', {
        'gradle/verification-metadata.xml': verification,
      }),
    )
    expect(component(project, 'g:a').hashes).toEqual([{ algorithm: 'sha256', value: sha256 }])
    expect(component(project, 'g:b').hashes).toBeUndefined()
  })

  it('is read without hashes when those are corrupt, and says so', () => {
    const result = read('g:a:1=runtimeClasspath\n', { 'gradle/verification-metadata.xml': '<a>\n<b>' })
    expect(purlsOf(onlyProject(result))).toEqual(['pkg:maven/g/a@1'])
    expect(result.problems).toMatchObject([
      { severity: 'warning', path: 'gradle/verification-metadata.xml', line: 2 },
    ])
  })

  it('takes the name of the project from its settings, if it is written out', () => {
    const name = (settings: string) =>
      cleanProject(read('# none\n', { 'app/settings.gradle.kts': settings })).root.name
    expect(name('pluginManagement {}\nrootProject.name = "shop"\n')).toBe('shop')
    expect(name('rootProject.name = "shop-$suffix"\n')).toBe('app')
  })

  it('may be of the build itself, or of the old form with one file for each configuration', () => {
    const build = cleanProject(read('g:a:1=classpath\n', {}, 'buildscript-gradle.lockfile'))
    expect(build.components[0]?.scope).toBe('dev')
    const old = (name: string) =>
      cleanProject(read('g:a:1\n', {}, `app/gradle/dependency-locks/${name}.lockfile`))
    expect(old('testRuntimeClasspath').components[0]?.scope).toBe('dev')
    expect(old('runtimeClasspath')).toMatchObject({
      root: { ref: 'path:app' },
      components: [{ scope: 'required' }],
    })
  })

  it.each([
    [['runtimeClasspath', 'testRuntimeClasspath'], 'required'],
    [['testCompileClasspath', 'testRuntimeClasspath'], 'dev'],
    [['debugAndroidTestRuntimeClasspath'], 'dev'],
    [['debugRuntimeClasspath'], 'required'],
    [['latestRuntimeClasspath'], 'required'],
    [['annotationProcessor'], 'dev'],
    [['testAnnotationProcessor', 'debugAnnotationProcessorClasspath'], 'dev'],
    [['kotlinCompilerPluginClasspathMain'], 'dev'],
    [['jacocoAgent'], 'dev'],
    [['testFixturesApi'], 'dev'],
    [[], 'required'],
  ] as const)('of the configurations %j is %s', (names, scope) => {
    expect(scopeOfConfigurations(names)).toBe(scope)
  })

  it('leaves a line out that is no entry', () => {
    const result = read('# header\ng:a:1=x\nnonsense\n')
    expect(onlyProject(result).components).toHaveLength(1)
    expect(result.problems).toMatchObject([{ severity: 'warning', line: 3 }])
  })

  it('that is something else is an error with its line', () => {
    expect(read('\n{"lock": true}\n')).toMatchObject({
      projects: [],
      problems: [{ severity: 'error', line: 2 }],
    })
  })
})
