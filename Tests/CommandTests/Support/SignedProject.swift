import Foundation
import Testing

/// A project whose dossier two persons have signed, made once and copied for each test that changes it.
final class SignedProject: Sendable {
  let project: Scratch
  let configuration: Scratch
  /// The run that the dossier cites.
  let run: String

  private init(project: Scratch, configuration: Scratch, run: String) {
    self.project = project
    self.configuration = configuration
    self.run = run
  }

  /// What the machine lacks to follow VERIFY.md; empty if nothing.
  static let hasPrograms: Bool = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "").split(separator: ":")
    let missing = ["openssl", "python3", "unzip", "sha256sum"].filter { name in
      !folders.contains { FileManager.default.isExecutableFile(atPath: "\($0)/\(name)") }
    }
    if !missing.isEmpty {
      print("SKIPPED: \(missing.joined(separator: ", ")) not installed, so bundles are not checked with them")
    }
    return missing.isEmpty
  }()

  private static let people = """
    people:
      - {name: Ada Example, function: Engineer, roles: [prepared]}
      - {name: Cy Example, function: Head of Risk, roles: [approved]}

    """

  private static let shared = Task { try await make() }

  private static func make() async throws -> SignedProject {
    let project = try Sample.folder(Sample.project(analysis: ["methods: [exact-patching]"]) + people)
    let configuration = try Scratch()
    let analysed = try await Program.vitrine("analyze", project.path, "--json")
    let site = SignedProject(
      project: project, configuration: configuration,
      run: try #require(analysed.json()[0]?["id"]?.string, "\(analysed)"))
    for (name, key) in [("Ada Example", "ada"), ("Cy Example", "cy")] {
      try await site.expect("keys", "create", "--name", name, "--as", key, "--no-passphrase")
    }
    try await site.expect("runs", "sign", site.run, "--meaning", "performed", "--key", "ada")
    try await site.expect(
      ["sign", "--waive", "missing-items", "--reason", "a trial", "--key", "cy", "--about"]
        + site.keys(of: "missing-items"))
    try await site.expect("dossier", "build")
    try await site.expect("sign", "--role", "prepared", "--key", "ada")
    try await site.expect("sign", "--role", "approved", "--key", "cy")
    try await site.expect("bundle", "-o", "b.asice")
    return site
  }

  /// A copy that a test may change.
  static func copy() async throws -> SignedProject {
    let original = try await shared.value
    let (project, configuration) = (try Scratch(), try Scratch())
    for (source, target) in [(original.project, project), (original.configuration, configuration)] {
      try FileManager.default.removeItem(at: target.folder)
      try FileManager.default.copyItem(at: source.folder, to: target.folder)
    }
    return SignedProject(project: project, configuration: configuration, run: original.run)
  }

  func vitrine(_ arguments: String...) async throws -> Finished { try await vitrine(arguments) }

  func vitrine(_ arguments: [String]) async throws -> Finished {
    let project = ["verify"].contains(arguments[0]) ? [] : ["--project", project.path]
    return try await Program.start(
      arguments + project, in: self.project.folder, configuration: configuration.folder
    ).finished()
  }

  /// The keys of what a gate finds, as the program lists them.
  func keys(of gate: String) async throws -> [String] {
    let listed = try await vitrine("sign", "--gates", "--json").json()
    return (listed.array ?? []).filter { $0["gate"] == .string(gate) }.compactMap { $0["key"]?.string }
  }

  private func expect(_ arguments: String...) async throws { try await expect(arguments) }

  private func expect(_ arguments: [String]) async throws {
    let result = try await vitrine(arguments)
    try #require(result.status == 0, "\(arguments): \(result)")
  }

  var bundle: URL { project.url("b.asice") }
}
