import { describe, expect, it } from 'vitest'
import { cargoManifestReader } from '../../../../src/lib/lint/readers/cargo/manifest-reader.ts'
import { component, edgesOf, onlyProject, purlsOf, readTexts } from '../lock-text.ts'

const FILES = {
  'Cargo.toml': `[package]
name = "lib"
version = "1.2.0"
[workspace]
members = ["crates/*"]
exclude = ["crates/alone"]
[workspace.dependencies]
inner = { path = "crates/inner" }
[dependencies]
serde = { version = "1", optional = true }
exact = "=2.0.1"
near = { git = "https://github.com/o/near", tag = "v3" }
inner.workspace = true
[build-dependencies]
cc = "1"
`,
  'crates/inner/Cargo.toml':
    '[package]\nname = "inner"\nversion = "0.1.0"\n[dependencies]\nserde = "1"\n[dev-dependencies]\nquick = "1"\n',
  'crates/alone/Cargo.toml': '[package]\nname = "alone"\n[dependencies]\nfar = { path = "../../../far" }\n',
}

describe('Cargo.toml without a lockfile', () => {
  it('names what is wanted, without making up versions', () => {
    const result = readTexts(cargoManifestReader, 'Cargo.toml', FILES)
    const project = onlyProject(result)
    expect(purlsOf(project)).toEqual([
      'pkg:cargo/cc',
      'pkg:cargo/exact@2.0.1',
      'pkg:cargo/near?vcs_url=git%2Bhttps:%2F%2Fgithub.com%2Fo%2Fnear%40v3',
      'pkg:cargo/quick',
      'pkg:cargo/serde',
    ])
    expect(edgesOf(project)).toEqual([
      'inner 0.1.0 -> quick -',
      'inner 0.1.0 -> serde -',
      'lib 1.2.0 -> cc -',
      'lib 1.2.0 -> exact 2.0.1',
      'lib 1.2.0 -> inner 0.1.0',
      'lib 1.2.0 -> near -',
      'lib 1.2.0 -> serde -',
    ])
    const scopes = Object.fromEntries(project.components.map(({ name, scope }) => [name, scope]))
    // serde is optional for one crate and needed by the other.
    expect(scopes).toEqual({
      cc: 'dev',
      exact: 'required',
      inner: 'required',
      near: 'required',
      quick: 'dev',
      serde: 'required',
    })
    expect(component(project, 'serde').properties).toEqual({ 'aiv:cargo:range': '1' })
    expect(project.incomplete?.get('pkg:cargo/serde')).toBe('unknown')
    expect(result.problems).toMatchObject([{ severity: 'warning', path: 'Cargo.toml' }])
  })

  it('of a member is read with its workspace, of an excluded crate on its own', () => {
    expect(readTexts(cargoManifestReader, 'crates/inner/Cargo.toml', FILES)).toEqual({
      projects: [],
      problems: [],
    })
    const result = readTexts(cargoManifestReader, 'crates/alone/Cargo.toml', FILES)
    expect(onlyProject(result).components).toMatchObject([{ ref: 'path:../far', name: 'far' }])
    expect(result.problems).toMatchObject([{ severity: 'warning', path: 'crates/alone/Cargo.toml' }])
  })

  it('that does not parse is an error', () => {
    const { projects, problems } = readTexts(cargoManifestReader, 'Cargo.toml', {
      'Cargo.toml': '[package]\nname\n',
    })
    expect(projects).toEqual([])
    expect(problems).toMatchObject([{ severity: 'error', line: 2 }])
  })
})
