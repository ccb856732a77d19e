/// Exact noising and denoising of every head and MLP, all positions together. Every pair's effects are in its own entry; see
/// `NodeMeasurement.exact`.
enum ExactPatchingMethod: AnalysisMethod {
  static let id = AnalysisPlan.Method.exactPatching
  static let question = "What does each head and MLP do to the decision, exactly?"
  static let needs: NodeMeasurement = .exact
}

extension AnalysisPlan.Method {
  /// Exact noising and denoising of every head and MLP, all positions together.
  public static let exactPatching = Self("exact-patching")
}
