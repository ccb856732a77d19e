import Foundation

/// Median, smallest and largest wall time of several runs after a warm-up.
struct Timing: Encodable {
  var median = 0.0
  var least = 0.0
  var most = 0.0

  enum CodingKeys: String, CodingKey {
    case median = "median_s"
    case least = "min_s"
    case most = "max_s"
  }

  init() {}

  init(runs: Int, _ body: () throws -> Void) throws {
    let clock = ContinuousClock()
    try body()
    let times = try (0..<max(1, runs)).map { _ in seconds(try clock.measure(body)) }.sorted()
    median = times.count % 2 == 1 ? times[times.count / 2] : (times[times.count / 2 - 1] + times[times.count / 2]) / 2
    least = times[0]
    most = times[times.count - 1]
  }
}

func seconds(_ duration: Duration) -> Double { duration / .seconds(1) }
