import Foundation

/// Recognises files that are something else than their name says, by how they begin.
enum FileContent {
  private enum Kind {
    case pointer, webPage, archive, pickle, gguf, hdf5, gzip
  }

  private static let beginnings: [(bytes: [UInt8], kind: Kind)] = [
    (Array("version https://git-lfs.github.com/spec".utf8), .pointer),
    (Array("<!doctype html".utf8), .webPage), (Array("<html".utf8), .webPage),
    (Array("PK\u{3}\u{4}".utf8), .archive), ([0x80, 0x02], .pickle), ([0x80, 0x03], .pickle), ([0x80, 0x04], .pickle),
    ([0x80, 0x05], .pickle), (Array("GGUF".utf8), .gguf), ([0x89] + Array("HDF".utf8), .hdf5), ([0x1F, 0x8B], .gzip),
  ]

  /// Bytes that tell.
  private static let told = 512

  /// - Parameter isText: whether the file should be JSON; else it should be safetensors.
  /// - Throws: `AnalysisError.badCheckpoint` or, of a text, `.badConfiguration`, that says what the file is and the remedy; `.unreadable`.
  static func check(_ file: ModelFile, isText: Bool) throws {
    let head = [UInt8](try file.first(min(told, file.size)))
    let lower = head.map { (UInt8(ascii: "A")...UInt8(ascii: "Z")).contains($0) ? $0 + 32 : $0 }
    let text = Array(lower.drop { $0 == 0x20 || $0 == 0x0A || $0 == 0x0D || $0 == 0x09 })
    // A header's length can begin with the same bytes; what is a possible length is left to the reader of headers.
    if !isText, head.count >= 8,
      head[..<8].reversed().reduce(UInt64(0), { $0 << 8 | UInt64($1) }) <= Safetensors.largestHeader
    {
      return
    }
    let found = beginnings.first {
      head.starts(with: $0.bytes) || $0.kind == .webPage && text.starts(with: $0.bytes)
    }
    guard let kind = found?.kind, let what = words(kind, file, head, isText: isText) else { return }
    throw AnalysisError(isText ? .badConfiguration : .badCheckpoint, "\(file.url.path): \(what)")
  }

  private static func words(_ kind: Kind, _ file: ModelFile, _ head: [UInt8], isText: Bool) -> String? {
    switch kind {
    case .pointer:
      return
        "is a git-LFS pointer of \(file.size) bytes, not the file itself\(size(head).map { " (\($0) bytes)" } ?? ""); fetch it: "
        + "run `git lfs pull` in the folder that was cloned (`git lfs install` first, once)"
    case .webPage:
      return
        "is a web page (HTML), not the file itself, as a download of the page about the file or of a login leaves it; "
        + "download the raw file"
    case .archive, .pickle, .gguf, .hdf5:
      guard !isText else { return nil }
      let name =
        switch kind {
        case .archive: "a ZIP archive, as torch.save writes it (a PyTorch file that was renamed)"
        case .pickle: "a Python pickle (a PyTorch file that was renamed)"
        case .gguf: "a GGUF file of llama.cpp that was renamed"
        default: "an HDF5 file of TensorFlow that was renamed"
        }
      let folder = file.url.deletingLastPathComponent()
      guard kind == .archive || kind == .pickle, file.path == "model.safetensors" else {
        return "is \(name), not safetensors; take the file from where the model was published as safetensors"
      }
      // transformers reads such a file under this name only.
      let renamed = "mv '\(file.url.path)' '\(folder.path)/pytorch_model.bin' && "
      return "is \(name), not safetensors; " + SaveCommand(folder: folder, before: renamed).remedy
    case .gzip: return "is packed with gzip; unpack it first: `gunzip -S '' '\(file.url.path)'`"
    }
  }

  /// What a pointer says of the size of the file that it stands for.
  private static func size(_ head: [UInt8]) -> Int? {
    String(decoding: head, as: UTF8.self).split(separator: "\n").lazy
      .first { $0.hasPrefix("size ") }.flatMap { Int($0.dropFirst(5)) }
  }
}

/// The Python command that makes a model folder which opens, from one that `transformers` opens.
struct SaveCommand {
  let folder: URL
  /// Arguments of `from_pretrained` after the folder.
  var arguments = ""
  /// What is to be run before it.
  var before = ""

  /// The command, ready to be copied.
  var text: String {
    let name = FolderObstacle.isClassifier(folder) ? "AutoModelForSequenceClassification" : "AutoModelForCausalLM"
    let path = folder.path
    return "`\(before)python3 -c \"from transformers import \(name) as M, AutoTokenizer as T; "
      + "M.from_pretrained('\(path)'\(arguments)).save_pretrained('NEW_FOLDER', safe_serialization=True); "
      + "T.from_pretrained('\(path)').save_pretrained('NEW_FOLDER')\"`"
  }

  /// The command in a sentence.
  var remedy: String {
    "make a folder that opens from it (needs the Python packages transformers and torch): \(text), and name that folder"
  }
}
