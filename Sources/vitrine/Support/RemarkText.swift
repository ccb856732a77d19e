import Analysis
import Project

/// What is left out of a model, or taken otherwise than it stands there, in words for the terminal.
struct RemarkText {
  let remark: ModelRemark

  init(_ remark: ModelRemark) { self.remark = remark }

  /// One line.
  var text: String {
    let names = ModelRemark.short(remark.names)
    let count = remark.names.count
    let file = remark.file ?? "the folder"
    func counted(_ noun: String) -> String { "\(count) \(noun)\(count == 1 ? "" : "s")" }
    switch remark.kind {
    case .buffers:
      return "\(file) holds \(counted("buffer")) computed anew from config.json, as transformers does: \(names)"
    case .declared: return "\(counted("tensor")) of \(file) not used, as 'ignore_tensors' declares: \(names)"
    case .tiedHead:
      return "\(file) holds \(names) too, byte for byte the token embedding to which config.json ties it"
    case .unreadFiles: return "\(counted("file")) with weights in the folder not read: \(names)"
    case .unknownKeys:
      return "config.json has \(counted("key")) that the engine does not know and does not read: \(names)"
    case .ownCode: return "the model comes with Python code of its own ('auto_map' in config.json), which is not run"
    case .specialTokens:
      return
        "prompts are read without just the special tokens that the model's own tokenizer adds to every text: \(names)"
    case .precision: return "stored or meant to run in \(names), computed in float32"
    }
  }

  /// The line of `check`.
  func message(_ version: Project.ModelVersion) -> CheckMessage {
    let remedy: String? =
      switch remark.kind {
      case .unreadFiles: "move them out of the folder if they are of another model; the records name what was read"
      case .unknownKeys: "hold the numbers against your own serving code; remove the keys if they do nothing"
      case .ownCode: "hold the numbers against that code; the engine runs the published computation of the model_type"
      case .buffers, .declared, .tiedHead, .precision, .specialTokens: nil
      }
    return CheckMessage(
      remark.isOpen ? .gap : .ok, "models", "model \(version.version): \(text)", remedy: remedy)
  }
}
