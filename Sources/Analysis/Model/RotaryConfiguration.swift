extension ModelConfiguration {
  /// The rotation that `rope_theta`, `rope_scaling` and, as transformers 5 writes them, `rope_parameters` describe.
  /// - Parameters:
  ///   - part: share of a head's values that turn.
  ///   - thetaKey: key of the base.
  /// - Throws: `AnalysisError.badConfiguration` naming the key, e.g. for a `rope_type` that the engine does not know.
  func rotary(headWidth: Int, part: Double = 1, thetaKey: String = "rope_theta") throws -> Rotary {
    let parameters = try json.object("rope_parameters")
    let scaling = try parameters ?? json.object("rope_scaling")
    let theta =
      if let parameters, parameters.values["rope_theta"] != nil {
        try ModelConfiguration(parameters).positive("rope_theta", default: 10_000)
      } else {
        try positive(thetaKey, default: 10_000)
      }
    let dimensions = part > 0 && part <= 1 ? Int(Double(headWidth) * part) : 0
    guard dimensions >= 2, dimensions % 2 == 0 else {
      throw json.failure(
        "head_dim", "is \(headWidth), of which \(part) is to turn: that must be an even number of values, at least 2")
    }
    var frequencies = Rotary.frequencies(base: theta, dimensions: dimensions)
    if let scaling { try scale(&frequencies, by: scaling) }
    return Rotary(frequencies: frequencies)
  }

  private func scale(_ frequencies: inout [Float], by scaling: ModelJSONObject) throws {
    let type = try scaling.string("rope_type") ?? scaling.string("type") ?? "default"
    switch type {
    case "default": break
    // Within max_position_embeddings, the longest prompt there is, dynamic scaling changes nothing.
    case "dynamic": break
    case "linear":
      let factor = Float(try Self.required("factor", of: scaling))
      frequencies = frequencies.map { $0 / factor }
    case "llama3": try scaleAsLlama3(&frequencies, scaling)
    default:
      throw scaling.failure(
        "rope_type", "is '\(type)'; the engine knows default, linear, dynamic and llama3: use another model")
    }
  }

  private static func required(_ key: String, of scaling: ModelJSONObject) throws -> Double {
    guard scaling.values[TokenText(key)] != nil else { throw scaling.failure(key, "is missing") }
    return try ModelConfiguration(scaling).positive(key, default: 1)
  }

  /// Long waves are stretched by `factor`, short ones kept, those between mixed (Llama 3.1's reference code); rounded as in
  /// Hugging Face's float32.
  private func scaleAsLlama3(_ frequencies: inout [Float], _ scaling: ModelJSONObject) throws {
    let factor = Float(try Self.required("factor", of: scaling))
    let low = try Self.required("low_freq_factor", of: scaling)
    let high = try Self.required("high_freq_factor", of: scaling)
    let context = try Self.required("original_max_position_embeddings", of: scaling)
    guard high > low else { throw scaling.failure("high_freq_factor", "is \(high), not above low_freq_factor \(low)") }
    frequencies = frequencies.map { frequency in
      let wave = Float(2 * Double.pi) / frequency
      if wave < Float(context / high) { return frequency }
      if wave > Float(context / low) { return frequency / factor }
      let smooth = (Float(context) / wave - Float(low)) / Float(high - low)
      return (1 - smooth) * frequency / factor + smooth * frequency
    }
  }
}
