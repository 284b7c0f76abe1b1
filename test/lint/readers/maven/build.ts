/** A build of six modules that uses every way in which a POM can get a version from elsewhere; `@{…}` is a property. */

const dependency = (text: string) => `<dependency>${text}</dependency>`
const gav = (group: string, artifact: string, version = '', more = '') =>
  dependency(
    `<groupId>${group}</groupId><artifactId>${artifact}</artifactId>${
      version === '' ? '' : `<version>${version}</version>`
    }${more}`,
  )
const project = (body: string) =>
  `<?xml version="1.0" encoding="UTF-8"?>\n<project xmlns="http://maven.apache.org/POM/4.0.0">\n<modelVersion>4.0.0</modelVersion>\n${body}\n</project>\n`.replaceAll(
    '@{',
    '$' + '{',
  )

export const BUILD: Readonly<Record<string, string>> = {
  'pom.xml': project(`
    <groupId>org.example</groupId><artifactId>top</artifactId><version>@{revision}</version><packaging>pom</packaging>
    <modules><module>bom</module><module>core</module><module>libs/util</module><module>web</module><module>web/pom-two.xml</module></modules>
    <properties>
      <revision>2.5.0</revision>
      <slf4j>1.7.@{slf4j.patch}</slf4j><slf4j.patch>36</slf4j.patch>
      <guava>30.0-jre</guava>
      <from.parent>0.@{project.parent.version}</from.parent>
    </properties>
    <dependencyManagement><dependencies>
      ${gav('org.slf4j', 'slf4j-api', '@{slf4j}')}
      ${gav('com.google.guava', 'guava', '@{guava}')}
      ${gav('junit', 'junit', '4.13.2', '<scope>test</scope>')}
      ${gav('org.example', 'core', '@{revision}')}
      ${gav('org.example', 'core', '@{revision}', '<type>test-jar</type><scope>test</scope>')}
      ${gav('org.example', 'bom', '@{revision}', '<type>pom</type><scope>import</scope>')}
    </dependencies></dependencyManagement>
    <dependencies>${gav('org.slf4j', 'slf4j-api')}</dependencies>
    <profiles>
      <profile><id>usual</id><activation><activeByDefault>true</activeByDefault></activation>
        <properties><usual.version>1.1</usual.version></properties>
        <dependencies>${gav('org.example.third', 'usual', '@{usual.version}')}</dependencies></profile>
      <profile><id>never</id><dependencies>${gav('org.example.third', 'never', '9')}</dependencies></profile>
    </profiles>`),
  'bom/pom.xml': project(`
    <parent><groupId>org.example</groupId><artifactId>top-of-bom</artifactId><version>7</version><relativePath>../bom-parent</relativePath></parent>
    <groupId>org.example</groupId><artifactId>bom</artifactId><version>2.5.0</version><packaging>pom</packaging>
    <dependencyManagement><dependencies>
      ${gav('com.google.guava', 'guava', '99-not-used')}
      ${gav('org.apache.commons', 'commons-lang3', '@{commons.version}')}
    </dependencies></dependencyManagement>`),
  'bom-parent/pom.xml': project(`
    <groupId>org.example</groupId><artifactId>top-of-bom</artifactId><version>7</version><packaging>pom</packaging>
    <properties><commons.version>3.12.0</commons.version></properties>
    <dependencyManagement><dependencies>${gav('commons-io', 'commons-io', '2.11.0')}</dependencies></dependencyManagement>`),
  'core/pom.xml': project(`
    <parent><groupId>org.example</groupId><artifactId>top</artifactId><version>@{revision}</version></parent>
    <artifactId>core</artifactId>
    <properties><guava>31.1-jre</guava></properties>
    <dependencies>
      ${gav('com.google.guava', 'guava', '', '<exclusions><exclusion><groupId>*</groupId><artifactId>*</artifactId></exclusion></exclusions>')}
      ${gav('junit', 'junit')}
      ${gav('org.apache.commons', 'commons-lang3')}
      ${gav('commons-io', 'commons-io', '', '<optional>true</optional>')}
      ${gav('javax.servlet', 'javax.servlet-api', '4.0.1', '<scope>provided</scope>')}
      ${gav('org.example.native', 'codec', '1', '<classifier>linux-x86_64</classifier><type>so</type><scope>runtime</scope>')}
    </dependencies>`),
  'libs/util/pom.xml': project(`
    <parent><groupId>org.example</groupId><artifactId>top</artifactId><version>@{revision}</version><relativePath>../../pom.xml</relativePath></parent>
    <artifactId>util</artifactId><version>0.9</version>
    <dependencies>
      ${gav('@{project.groupId}', 'core')}
      ${gav('org.example', 'core', '', '<type>test-jar</type>')}
      ${gav('org.slf4j', 'slf4j-api', '2.0.0')}
      ${gav('org.example.third', 'from-parent', '@{from.parent}')}
      ${gav('org.example.third', 'own', '@{project.artifactId}-@{project.version}')}
    </dependencies>`),
  'web/pom.xml': project(`
    <parent><groupId>org.example</groupId><artifactId>top</artifactId><version>@{revision}</version><relativePath>..</relativePath></parent>
    <groupId>org.example.web</groupId><artifactId>web</artifactId><packaging>war</packaging>
    <dependencies>
      ${gav('org.example', 'util', '0.9')}
      ${gav('org.example', 'core', '1.0.0')}
      ${gav('junit', 'junit', '', '<scope>compile</scope>')}
    </dependencies>`),
}
