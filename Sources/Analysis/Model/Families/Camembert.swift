/// CamemBERT (Martin et al. 2020): RoBERTa for French.
enum Camembert: RobertaLayout {
  static let modelType = "camembert"
  static let className = "Camembert"
}
