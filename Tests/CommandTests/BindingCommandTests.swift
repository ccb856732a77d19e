import Foundation
import Testing

@Suite("Runs of another system, other weights, another plan")
struct BindingCommandTests {
  private static let people = """
    people:
      - {name: Ada Example, function: Engineer, roles: [prepared]}
      - {name: Cy Example, function: Head of Risk, roles: [approved]}

    """

  /// An analysed and evaluated project with its own copy of the model.
  private func project() async throws -> Scratch {
    let project = try Scratch()
    try project.copy(Sample.ioi, to: "model")
    try project.write("text,label,place\nWhen Mary gave it to,John,a\nWhen John gave it to,Mary,b\n", to: "data.csv")
    let evaluation = """
      evaluation:
        template: "{text}"
        data: data.csv
        label: {column: label, positive: John}
        threshold: 0
        groups: [place]

      """
    try project.write(
      Sample.project(model: "model", analysis: ["methods: [exact-patching]"]) + evaluation + Self.people,
      to: "vitrine.yaml")
    for command in ["analyze", "evaluate"] {
      let result = try await Program.vitrine(command, project.path)
      try #require(result.status == 0, "\(result)")
    }
    return project
  }

  private func dossier(_ project: Scratch) async throws -> JSON {
    let built = try await Program.vitrine("dossier", "build", "--project", project.path)
    #expect(built.status == 0, "\(built)")
    let dossier = try JSON(String(contentsOf: project.url("dossier/1.0/dossier.json"), encoding: .utf8))
    #expect(try Schema("dossier").problems(of: dossier) == [])
    return dossier
  }

  private func edit(_ project: Scratch, _ change: (String) -> String) throws {
    let file = project.url("vitrine.yaml")
    let old = try String(contentsOf: file, encoding: .utf8)
    let new = change(old)
    #expect(new != old)
    try project.write(new, to: "vitrine.yaml")
  }

  @Test("none of them is cited, evidences anything or is compared; status, check and dossier say why")
  func unbound() async throws {
    let project = try await project()
    let whole = try await dossier(project)
    #expect(whole["runs"]?.array?.count == 2 && (whole["counts"]?["evidenced"]?.number ?? 0) > 0)
    #expect(whole["model"]?["folder"]?["is_measured"] == .bool(true))
    let original = try String(contentsOf: project.url("vitrine.yaml"), encoding: .utf8)
    for (code, words, change) in [
      (
        "other-system", "a run of another system, Test system",
        { $0.replacing("name: Test system", with: "name: Other") }
      ),
      ("other-plan", "(different: threshold)", { $0.replacing("threshold: 0", with: "threshold: 0.25") }),
      ("other-plan", "(different: examples, groupings)", { $0.replacing("groups: [place]", with: "groups: [label]") }),
    ] as [(String, String, (String) -> String)] {
      try edit(project, change)
      let built = try await dossier(project)
      #expect(built["counts"]?["evidenced"] == .number(0), "\(code)")
      let uncited = built["runs_not_cited"]?.array ?? []
      #expect(
        uncited.contains { $0["code"] == .string(code) && $0["reason"]?.string?.contains(words) == true }, "\(uncited)")
      let page = try project.dossierPages("1.0")
      #expect(code != "other-system" || !page.contains("Every cited run was made with"))
      let status = try await Program.vitrine("dossier", "status", "--project", project.path)
      #expect(status.out.contains("RUNS THAT COUNT FOR NOTHING NOW") && status.said.contains(words), "\(status)")
      let check = try await Program.vitrine("check", project.path, "--json")
      #expect(try Schema("check").problems(of: check.json()) == [])
      #expect(try check.json().array?.contains { $0["topic"] == .string("runs") } == true, "\(check)")
      try project.write(original, to: "vitrine.yaml")
    }
    // Another model is put in the folder after measuring.
    var weights = try Data(contentsOf: project.url("model/model.safetensors"))
    weights[weights.count - 1] ^= 1
    try weights.write(to: project.url("model/model.safetensors"))
    let changed = try await dossier(project)
    #expect(changed["runs"]?.array?.isEmpty == true && changed["counts"]?["evidenced"] == .number(0))
    #expect(changed["runs_not_cited"]?.array?.allSatisfy { $0["code"] == .string("other-weights") } == true)
    #expect(changed["runs_not_cited"]?[0]?["reason"]?.string?.contains("model.safetensors") == true)
    let diff = try await Program.vitrine("diff", "1.0", "1.0", "--project", project.path)
    #expect(diff.status == 1 && diff.err.contains("has no run that counts"), "\(diff)")
    // And taken away.
    try FileManager.default.removeItem(at: project.url("model"))
    let gone = try await dossier(project)
    #expect(gone["runs"]?.array?.count == 2)
    #expect(gone["runs"]?.array?.allSatisfy { $0["binding"]?["weights"] == .string("not-held") } == true)
    let page = try String(contentsOf: project.url("dossier/1.0/dossier.html"), encoding: .utf8)
    #expect(page.contains("Not held against the model"))
  }

  @Test("a second refusal prints what is new and counts the rest; waivers are signed, named, shown and listed")
  func refusals() async throws {
    let project = try await project()
    let configuration = try Scratch()
    func vitrine(_ arguments: String...) async throws -> Finished {
      try await Program.start(
        arguments + ["--project", project.path], in: project.folder, configuration: configuration.folder
      ).finished()
    }
    for (name, key) in [("Ada Example", "ada"), ("Cy Example", "cy")] {
      #expect(try await vitrine("keys", "create", "--name", name, "--as", key, "--no-passphrase").status == 0)
    }
    #expect(try await vitrine("dossier", "build").status == 0)
    let first = try await vitrine("sign", "--role", "prepared", "--key", "ada")
    #expect(
      first.status == 1 && first.err.contains("[missing-items] 9 ") && !first.err.contains("as before"), "\(first)")
    let second = try await vitrine("sign", "--role", "prepared", "--key", "ada")
    #expect(second.status == 1 && second.err.contains(" as before: [missing-items] "), "\(second)")
    #expect(!second.err.contains("[missing-items] 9 "))
    let all = try await vitrine("sign", "--role", "prepared", "--key", "ada", "--all")
    #expect(all.status == 1 && all.err.contains("[missing-items] 9 "))

    for about in [["all"], ["*"], []] {
      let refused = try await Program.start(
        ["sign", "--waive", "missing-items", "--reason", "everything", "--key", "cy", "--project", project.path]
          + (about.isEmpty ? [] : ["--about"] + about), in: project.folder, configuration: configuration.folder
      ).finished()
      #expect(refused.status != 0 && refused.err.contains("--about '9 post-market-plan'"), "\(refused)")
    }
    let nobody = try await vitrine(
      "sign", "--waive", "missing-items", "--reason", "x", "--key", "cy", "--as", "Nobody", "--function", "f",
      "--about",
      "9 post-market-plan")
    #expect(nobody.status == 65 && nobody.err.contains("holds no role"), "\(nobody)")
    let waived = try await vitrine(
      "sign", "--waive", "missing-items", "--reason", "a trial", "--key", "cy", "--about",
      "9 post-market-plan")
    #expect(waived.status == 0, "\(waived)")
    let list = try await vitrine("runs", "list", "--entries", "--json")
    #expect(try Schema("entries-list").problems(of: list.json()) == [])
    let entry = try #require(try list.json().array?.first { $0["kind"] == .string("waiver") })
    let id = try #require(entry["id"]?.string)
    let shown = try await vitrine("runs", "show", String(id.suffix(12)))
    #expect(
      shown.status == 0 && shown.said.contains("waived missing-items about 9 post-market-plan"), "\(shown)")
    let record = try await vitrine("runs", "show", id, "--json")
    #expect(try Schema("waiver").problems(of: record.json()) == [])
    let withdrawn = try await vitrine("sign", "--withdraw", id, "--reason", "not so", "--key", "cy")
    #expect(withdrawn.status == 0 && withdrawn.out.contains("Withdrawn"), "\(withdrawn)")
    let dossier = try await dossier(project)
    #expect(
      dossier["sign_off"]?["waivers"]?.array?.map { $0["state"]?.string } == ["withdrawn", "withdrawal"])
    #expect(try await vitrine("runs", "verify").status == 0)
  }

  @Test("a waiver signed elsewhere by openssl is taken back, once")
  func elsewhere() async throws {
    let project = try await project()
    func vitrine(_ arguments: String...) async throws -> Finished {
      try await Program.start(arguments + ["--project", project.path], in: project.folder).finished()
    }
    // The certificate is there before the waiver is dated.
    let certificate = try await Program.shell(
      "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout k.pem -out c.pem -days 3 "
        + "-subj '/CN=Cy Example' 2>/dev/null", in: project.folder)
    #expect(certificate.status == 0, "\(certificate)")
    let prepared = try await vitrine(
      "sign", "--waive", "missing-items", "--reason", "a trial", "--name", "Cy Example", "--about",
      "9 post-market-plan", "--prepare", "w.json")
    #expect(prepared.status == 0, "\(prepared)")
    let made = try await Program.shell(
      """
      openssl cms -sign -binary -cades -outform DER -in w.json -signer c.pem -inkey k.pem -out w.json.p7s
      sed 's/a trial/no trial/' w.json > x.json
      """, in: project.folder)
    #expect(made.status == 0, "\(made)")
    let forged = try await vitrine("sign", "--attach", "w.json.p7s", "--manifest", "x.json")
    #expect(forged.status == 1 && forged.err.contains("not of this content"), "\(forged)")
    let attached = try await vitrine("sign", "--attach", "w.json.p7s")
    #expect(attached.status == 0 && attached.out.contains("Waived missing-items"), "\(attached)")
    #expect(try await vitrine("sign", "--attach", "w.json.p7s").status != 0)
  }
}
