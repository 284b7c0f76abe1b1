/** What the configurations of Gradle are for, as far as their names tell (docs.gradle.org, the plug-ins' pages). */
import type { Scope } from '../../bom/index.ts'

/** Tools that look at code, write code, or build; their class paths are no part of the product. */
const TOOLS =
  /^(?:annotationProcessor|kapt|ksp|checkstyle|pmd|spotbugs|findbugs|codenarc|jacoco|detekt|ktlint|errorprone|lint|kotlin(?:Compiler|BuildTools|Native|Klib)|zinc|scalaCompiler|antlr|asciidoctor|openapi|protobufToolsLocator|developmentOnly|buildscript|classpath$)/i
const TEST = /^test(?![a-z])|(?:[a-z0-9])Test|^(?:integration|functional|unit|e2e|android)Test|jmh/

/** A package that one configuration of the product has is part of the product. */
export function scopeOfConfigurations(names: readonly string[]): Scope {
  if (names.length === 0) return 'required'
  return names.every((name) => TEST.test(name) || TOOLS.test(name) || /AnnotationProcessor/.test(name))
    ? 'dev'
    : 'required'
}
