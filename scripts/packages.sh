# shellcheck shell=bash
# What a machine needs before Vitrine builds: Swift and a few Debian packages. Sourced by ./demo, ./test and .ci/run.
#
#   require_machine     returns if everything is there; installs missing Debian packages when run as root (and says so);
#                       otherwise prints the one command to run and exits 69.
#   optional_packages   the same for what a check can do without: returns 1 if it is not to be had.

# Debian package : pkg-config module that shows it is there (on systems that are not Debian).
readonly VITRINE_PACKAGES=(
  pkg-config:
  libsqlite3-dev:sqlite3
  libssl-dev:libcrypto
  libzip-dev:libzip
  libcmark-gfm-dev:libcmark-gfm
  libcmark-gfm-extensions-dev:libcmark-gfm
)
readonly VITRINE_SWIFT=6.2

# A heading before each step, with the time since the script began.
section() { printf '\n== %s  (%dm %02ds)\n' "$1" $((SECONDS / 60)) $((SECONDS % 60)); }

# An error message on standard error, then exit 69 (BSD sysexits: a service is unavailable).
unavailable() {
  printf '%s: %s\n' "$(basename -- "$0")" "$1" >&2
  exit 69
}

require_machine() {
  require_packages
  require_swift
}

require_packages() {
  local missing=() entry
  if ! command -v dpkg-query >/dev/null; then
    command -v pkg-config >/dev/null || unavailable "pkg-config is missing; install it with your system's package manager."
    for entry in "${VITRINE_PACKAGES[@]}"; do
      [[ -z ${entry#*:} ]] || pkg-config --exists "${entry#*:}" || missing+=("${entry%%:*}")
    done
    ((${#missing[@]} == 0)) ||
      unavailable "this is not a Debian system; install what Debian calls: ${missing[*]}. Then run this again."
    return
  fi

  for entry in "${VITRINE_PACKAGES[@]}"; do
    package_installed "${entry%%:*}" || missing+=("${entry%%:*}")
  done
  ((${#missing[@]} > 0)) || return 0

  if ((EUID != 0)); then
    unavailable "Debian packages are missing: ${missing[*]}. Run this one command, then start again:
  sudo sh -c 'apt-get update && apt-get install -y ${missing[*]}'"
  fi
  echo "Installing missing Debian packages: ${missing[*]}"
  install_packages "${missing[@]}" || unavailable "'apt-get install ${missing[*]}' failed (see above)."
}

install_packages() {
  local apt=(apt-get -q -o DPkg::Lock::Timeout=300)
  export DEBIAN_FRONTEND=noninteractive
  "${apt[@]}" update </dev/null || echo "'apt-get update' failed (see above); check the network and the sources." >&2
  "${apt[@]}" install -y --no-install-recommends "$@" </dev/null
}

# Packages that a check can do without: installs them as root, returns 1 if they are not to be had.
optional_packages() {
  local missing=() package
  command -v dpkg-query >/dev/null || return 1
  for package in "$@"; do package_installed "$package" || missing+=("$package"); done
  ((${#missing[@]} > 0)) || return 0
  ((EUID == 0)) || return 1
  echo "Installing Debian packages for this check: ${missing[*]}"
  install_packages "${missing[@]}"
}

package_installed() {
  [[ $(dpkg-query -W -f='${db:Status-Status}' "$1" 2>/dev/null) == installed ]] ||
    # The package that took over an older name counts too (pkgconf for pkg-config).
    dpkg-query -W -f='${db:Status-Status} ${Provides}\n' 2>/dev/null | grep -E "^installed (.*[ ,])?$1([ ,(]|\$)" >/dev/null
}

require_swift() {
  local how="Get Swift $VITRINE_SWIFT or later for Linux from https://www.swift.org/install/linux/ and put it on your PATH."
  command -v swift >/dev/null || unavailable "there is no 'swift' on your PATH. $how"
  local said version
  said=$(swift --version 2>&1 </dev/null) || unavailable "'swift --version' fails: $said"
  version=$(sed -nE 's/.*Swift version ([0-9]+\.[0-9]+).*/\1/p' <<<"$said" | sed -n 1p)
  [[ -n $version ]] || unavailable "'swift --version' names no version: $said"
  if [[ $(printf '%s\n' "$VITRINE_SWIFT" "$version" | sort -V | sed -n 1p) != "$VITRINE_SWIFT" ]]; then
    unavailable "Swift $version is too old. $how"
  fi
}
