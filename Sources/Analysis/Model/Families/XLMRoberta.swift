/// XLM-RoBERTa (Conneau et al. 2020): RoBERTa for a hundred languages.
enum XLMRoberta: RobertaLayout {
  static let modelType = "xlm-roberta"
  static let className = "XLMRoberta"
}
