// swift-tools-version: 6.2
import PackageDescription

let swiftSettings: [SwiftSetting] = [
  .enableUpcomingFeature("ExistentialAny"),
  .enableUpcomingFeature("MemberImportVisibility"),
  .enableUpcomingFeature("InternalImportsByDefault"),
]

// Debug builds of what is not a test are optimised, with assertions on (preconditions, overflow and exclusivity are checked at
// any level): the tests take a third of the time. Measured, 2 cores: ReportsTests 426 s without, 110 s with.
let sourceSettings =
  swiftSettings + [.unsafeFlags(["-O", "-assert-config", "Debug"], .when(configuration: .debug))]

let package = Package(
  name: "Vitrine",
  products: [
    .executable(name: "vitrine", targets: ["vitrine"]),
    .library(name: "Analysis", targets: ["Analysis"]),
    .library(name: "Evidence", targets: ["Evidence"]),
    .library(name: "Reports", targets: ["Reports"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
    .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    .package(url: "https://github.com/hummingbird-project/swift-mustache", from: "2.1.1"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
  ],
  targets: [
    // System libraries: see README for the Debian packages.
    .systemLibrary(
      name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),
    .systemLibrary(name: "CLibzip", pkgConfig: "libzip", providers: [.apt(["libzip-dev"])]),
    .systemLibrary(
      name: "CCmarkGFM", pkgConfig: "libcmark-gfm",
      providers: [.apt(["libcmark-gfm-dev", "libcmark-gfm-extensions-dev"])]),

    // The C kernels are optimised in debug builds too: without it the tests take hours.
    .target(
      name: "Kernels",
      cSettings: [.unsafeFlags(["-O2", "-fno-math-errno"])],
      linkerSettings: [.linkedLibrary("m")]),
    .target(name: "Analysis", dependencies: ["Kernels"], swiftSettings: sourceSettings),
    // Takes requests to end (Ctrl-C, SIGTERM) before Swift's own start.
    .target(name: "CInterruption"),
    .target(
      name: "Project",
      dependencies: ["Analysis", "Evidence", "Templates", .product(name: "Yams", package: "Yams")],
      swiftSettings: sourceSettings),
    .target(
      name: "Evidence",
      dependencies: ["Analysis", "COpenSSL", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: sourceSettings),
    .target(
      name: "Templates", path: "Templates",
      resources: [
        .copy("law"), .copy("dossier"), .copy("schemas"), .copy("project"),
        .copy("bundle"), .copy("text"),
      ],
      swiftSettings: sourceSettings),
    .target(
      name: "Reports",
      dependencies: [
        "Analysis", "Evidence", "Project", "Templates", "CCmarkGFM", "CLibzip",
        .product(name: "Mustache", package: "swift-mustache"),
        .product(name: "Yams", package: "Yams"),
      ], swiftSettings: sourceSettings),
    .executableTarget(
      name: "vitrine",
      dependencies: [
        "Analysis", "CInterruption", "Project", "Evidence", "Reports", "Templates",
        .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ], swiftSettings: sourceSettings),

    .testTarget(name: "AnalysisTests", dependencies: ["Analysis", "Kernels"], swiftSettings: swiftSettings),
    .testTarget(name: "ProjectTests", dependencies: ["Project", "Analysis"], swiftSettings: swiftSettings),
    // Holds what is written against the published schemas.
    .target(name: "SchemaSupport", dependencies: ["Evidence", "Templates"], path: "Tests/SchemaSupport"),
    .testTarget(
      name: "EvidenceTests",
      dependencies: ["Evidence", "Analysis", "SchemaSupport", .product(name: "GRDB", package: "GRDB.swift")],
      exclude: ["Golden"],
      swiftSettings: swiftSettings),
    .testTarget(
      name: "ReportsTests", dependencies: ["Reports", "Project", "Evidence", "Analysis", "Templates", "SchemaSupport"],
      swiftSettings: swiftSettings),
    // Starts the program for its tests.
    .target(name: "CSpawn", path: "Tests/CSpawn"),
    .testTarget(
      name: "CommandTests",
      dependencies: ["vitrine", "CSpawn", "Evidence", "Analysis", .product(name: "GRDB", package: "GRDB.swift")],
      swiftSettings: swiftSettings),
  ],
  swiftLanguageModes: [.v6]
)
