import Analysis
import Evidence
public import Foundation

extension DiffSource {
  /// Reads a bundle: the dossier, and the records that it carries. Neither the store nor the model is needed.
  /// - Parameters:
  ///   - url: the bundle.
  ///   - unverified: whether a bundle that does not verify is read all the same; every page of the comparison then says so.
  /// - Throws: `ReportsError`: `unreadable`, `unverified` if it does not verify or cannot be read at all, `badDossier`.
  public static func bundle(_ url: URL, unverified: Bool = false) throws -> DiffSource {
    let name = url.lastPathComponent
    let data: Data
    do {
      data = try PlainFile.read(url, limit: 4_000_000_000)
    } catch {
      throw ReportsError(.unreadable, "\(error)")
    }
    let report = try BundleVerifier().verify(data, name: name)
    let files: [BundleArchive.File]
    do {
      files = try BundleArchive.read(data)
    } catch let fault as BundleFault {
      throw ReportsError(
        .unverified,
        "\(url.path) cannot be read as a bundle: \(fault.problem.description). Nothing was compared, and --unverified does not "
          + "help: get the bundle again from whom it came")
    }
    let problems = report.checks.flatMap(\.problems).map(\.description)
    guard report.isUnharmed || unverified else {
      throw ReportsError(
        .unverified,
        "\(url.path) does not verify: \(problems.prefix(3).joined(separator: "; ")). Nothing was compared; 'vitrine verify' says all "
          + "of it. --unverified compares it all the same and says so on every page")
    }
    guard let dossierFile = files.first(where: { $0.name == BundlePath.dossier + "dossier.json" }) else {
      throw ReportsError(
        .badDossier,
        "\(url.path) holds no dossier/dossier.json, so there is nothing to compare; get the bundle "
          + "again from whom it came")
    }
    let dossier = try decoded(dossierFile.content, named: "\(url.path): dossier/dossier.json")
    let documents = try documents(files)
    let signers = report.signers.map {
      Approval(name: $0.name, function: $0.function, meaning: $0.role, date: $0.date, run: nil)
    }
    var source = DiffSource(
      kind: .bundle, label: dossier.model.version, dossier: dossier, runs: matching(documents.runs, dossier),
      approvals: documents.approvals + signers,
      unverified: report.isIntact
        ? nil
        : problems.first ?? "its verification is incomplete: \(report.lacking.first?.what ?? "a file is withheld")")
    source.transfers = documents.transfers
    return source
  }

  /// What of the log a bundle carries.
  private struct Documents {
    var runs: [StoredRun] = []
    var approvals: [Approval] = []
    var transfers: [TransferRecord] = []
  }

  /// Reads every file that says it is a record of a known kind; a file that is none is for the verification to judge.
  private static func documents(_ files: [BundleArchive.File]) throws -> Documents {
    var documents = Documents()
    for file in files where file.name.hasSuffix(".json") && !file.name.hasPrefix(BundlePath.dossier) {
      do {
        let value = try CanonicalJSON.parse(file.content)
        switch value["schema"] {
        case .string(RunRecord.currentSchema):
          documents.runs.append(
            StoredRun(
              record: try RecordCoder.decode(file.content), sha256: try SHA256.digest(of: file.content).hex))
        case .string(RunSignature.format):
          let statement = try value.decoded(as: RunSignature.self).statement
          documents.approvals.append(
            Approval(
              name: statement.name, function: statement.function, meaning: statement.meaning, date: statement.date,
              run: statement.run))
        case .string(TransferRecord.format): documents.transfers.append(try value.decoded(as: TransferRecord.self))
        default: continue
        }
      } catch is JSONError {
        continue
      }
    }
    return documents
  }
}
