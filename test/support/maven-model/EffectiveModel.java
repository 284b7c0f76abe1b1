import java.io.File;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.Map;
import java.util.Properties;
import org.apache.maven.model.Dependency;
import org.apache.maven.model.Model;
import org.apache.maven.model.Parent;
import org.apache.maven.model.Repository;
import org.apache.maven.model.building.DefaultModelBuilderFactory;
import org.apache.maven.model.building.DefaultModelBuildingRequest;
import org.apache.maven.model.building.FileModelSource;
import org.apache.maven.model.building.ModelBuildingRequest;
import org.apache.maven.model.building.ModelSource;
import org.apache.maven.model.io.xpp3.MavenXpp3Reader;
import org.apache.maven.model.resolution.ModelResolver;
import org.apache.maven.model.resolution.UnresolvableModelException;

/** What Maven itself makes of the POMs of a folder: coordinates and dependencies, one line each. */
public class EffectiveModel {
  public static void main(String[] arguments) throws Exception {
    Path root = Path.of(arguments[0]);
    Map<String, File> modules = new HashMap<>();
    try (var files = Files.walk(root)) {
      for (Path file : files.filter((path) -> path.endsWith("pom.xml")).sorted().toList()) {
        try (var stream = Files.newInputStream(file)) {
          Model raw = new MavenXpp3Reader().read(stream);
          String group = raw.getGroupId() == null ? raw.getParent().getGroupId() : raw.getGroupId();
          String version = raw.getVersion() == null ? raw.getParent().getVersion() : raw.getVersion();
          modules.put(group + ":" + raw.getArtifactId() + ":" + version, file.toFile());
        }
      }
    }
    for (File file : modules.values().stream().sorted().toList()) {
      ModelBuildingRequest request = new DefaultModelBuildingRequest()
          .setPomFile(file)
          .setProcessPlugins(false)
          .setSystemProperties(new Properties())
          .setValidationLevel(ModelBuildingRequest.VALIDATION_LEVEL_MINIMAL)
          .setModelResolver(new Local(modules));
      Model model = new DefaultModelBuilderFactory().newInstance().build(request).getEffectiveModel();
      String path = root.relativize(file.toPath()).toString();
      System.out.println(path + " " + model.getGroupId() + ":" + model.getArtifactId() + " " + model.getVersion());
      for (Dependency dependency : model.getDependencies())
        System.out.println(path + " > " + dependency.getGroupId() + ":" + dependency.getArtifactId() + " "
            + dependency.getVersion() + " " + dependency.getType() + " " + dependency.getClassifier() + " "
            + (dependency.getScope() == null ? "compile" : dependency.getScope()) + " " + dependency.isOptional());
    }
  }

  /** Finds the modules of the same folder, and nothing else. */
  record Local(Map<String, File> modules) implements ModelResolver {
    private ModelSource find(String group, String artifact, String version) throws UnresolvableModelException {
      File file = modules.get(group + ":" + artifact + ":" + version);
      if (file == null) throw new UnresolvableModelException("not here", group, artifact, version);
      return new FileModelSource(file);
    }

    @Override public ModelSource resolveModel(String group, String artifact, String version)
        throws UnresolvableModelException {
      return find(group, artifact, version);
    }

    @Override public ModelSource resolveModel(Parent parent) throws UnresolvableModelException {
      return find(parent.getGroupId(), parent.getArtifactId(), parent.getVersion());
    }

    @Override public ModelSource resolveModel(Dependency dependency) throws UnresolvableModelException {
      return find(dependency.getGroupId(), dependency.getArtifactId(), dependency.getVersion());
    }

    @Override public void addRepository(Repository repository) {}

    @Override public void addRepository(Repository repository, boolean replace) {}

    @Override public ModelResolver newCopy() {
      return this;
    }
  }
}
