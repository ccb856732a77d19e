import Evidence
import Foundation

extension BundleExamination {
  /// The files that go with the dossier: that everything its text refers to is here, as it says, and that nothing else is.
  mutating func checkFiles() throws {
    let path = BundlePath.dossier + "dossier.json"
    var check = BundleReport.Check(
      "files",
      "each file that the dossier's text refers to, shows or that was attached: that it is here with the digest that the dossier "
        + "gives, and no other")
    defer { report.checks.append(check) }
    if isWithheld(path) {
      check.of = 1
      return check.omit("the files against the dossier", "\(path) is withheld")
    }
    // What is wrong with the dossier itself, its own check says.
    guard let dossier = try? BundleContent.dossier(files[path], path) else { return }
    let listed = dossier.files ?? []
    let attachments = dossier.attachments ?? []
    check.of = listed.count + attachments.count
    for file in listed { compare(file, &check) }
    for attachment in attachments { try compare(attachment, listed, &check) }
    let known = Set(listed.map { BundlePath.dossier + $0.file })
    for file in sums.keys.sorted()
    where file.hasPrefix(BundlePath.dossier + ProvidedFile.folder) && !known.contains(file) {
      check.problems.append(BundleProblem(.dossier, file, "the dossier does not list it among its files"))
    }
    try checkReferences(dossier, &check)
    try checkPictures(listed, &check)
  }

  private func compare(_ file: Dossier.FileEntry, _ check: inout BundleReport.Check) {
    let path = BundlePath.dossier + file.file
    if sums[path] != file.sha256 {
      check.problems.append(
        BundleProblem(.dossier, path, "the dossier lists it with another digest than it has here, or it is missing"))
    } else if isWithheld(path) {
      return check.omit("what '\(file.source)' holds", "\(path) is withheld")
    } else if let content = files[path], content.count != file.size {
      check.problems.append(
        BundleProblem(.dossier, path, "it has \(content.count) bytes, and the dossier says \(file.size)"))
    }
    check.count += 1
  }

  /// An attachment that the dossier prints, against its record.
  private func compare(
    _ attachment: Dossier.AttachmentEntry, _ listed: [Dossier.FileEntry], _ check: inout BundleReport.Check
  ) throws {
    let file = BundleProofs.path(kind: AttachmentRecord.kind, id: attachment.record)
    if isWithheld(file) {
      return check.omit("the attachment '\(attachment.title)' against its record", "\(file) is withheld")
    }
    check.count += 1
    guard sums[file] == attachment.recordSha256, let data = files[file],
      let record = try DocumentCheck(data).document as? AttachmentRecord, record.sha256 == attachment.sha256,
      record.title == attachment.title, record.elements == attachment.elements, record.name == attachment.name,
      record.function == attachment.function, record.date == attachment.date, record.file == attachment.originalName,
      record.supersedes == attachment.supersedes,
      listed.contains(where: { $0.file == attachment.file && $0.sha256 == attachment.sha256 })
    else {
      check.problems.append(
        BundleProblem(
          .dossier, BundlePath.dossier + "dossier.json",
          "it prints the attachment '\(attachment.title)', which is not the record \(file) with its file"))
      return
    }
  }

  /// Every place in a statement that names a file of the project must lead to a listed file.
  private func checkReferences(_ dossier: Dossier, _ check: inout BundleReport.Check) throws {
    for item in dossier.items {
      for element in item.elements {
        for declaration in element.declarations where declaration.responsible != nil {
          for target in try ProviderMarkdown.targets(in: declaration.markdown) where LocalTarget.isFile(target.url) {
            let isListed = (dossier.files ?? []).contains { file in
              (declaration.files ?? []).contains(file.file)
                && file.references.contains {
                  $0.item == item.id && $0.element == element.id && $0.target == target.url
                    && $0.isPicture == target.isPicture
                }
            }
            if isListed { continue }
            // Version 0.1.0, which had one script, printed such a path and carried no file.
            guard sums[BundlePath.scripts[0]] != nil else {
              check.notes.append("\(declaration.source) names '\(target.url)', which is not in the bundle")
              continue
            }
            check.problems.append(
              BundleProblem(
                .dossier, BundlePath.dossier + "dossier.json",
                "the statement \(declaration.source) refers to '\(target.url)', and no file of the bundle is listed for it"
              ))
          }
        }
      }
    }
  }

  /// A picture in a page is one of the listed files, byte for byte.
  private func checkPictures(_ listed: [Dossier.FileEntry], _ check: inout BundleReport.Check) throws {
    let digests = Set(listed.map(\.sha256))
    for (path, page) in files.sorted(by: { $0.key < $1.key })
    where path.hasPrefix(BundlePath.dossier) && path.hasSuffix(".html")
      && !path.hasPrefix(BundlePath.dossier + ProvidedFile.folder)
    {
      for piece in String(decoding: page, as: UTF8.self).splitScalars("src=\"data:").dropFirst() {
        let value = piece.utf8.prefix { $0 != UInt8(ascii: "\"") }
        let bytes = value.firstIndex(of: UInt8(ascii: ",")).flatMap { comma in
          Data(base64Encoded: Data(value[value.index(after: comma)...]))
        }
        guard let bytes, digests.contains(try SHA256.digest(of: bytes).hex) else {
          check.problems.append(
            BundleProblem(.dossier, path, "it shows a picture that is none of the files that the dossier lists"))
          break
        }
      }
    }
  }
}
