"""Checks in the signatures of a bundle what openssl passes over: their form, their algorithms, and what certificates are for.

usage: python3 verify_signatures.py WORK

WORK is the folder into which verify_proofs.py and openssl wrote: N.signature (CMS or a time-stamp token, DER), N.pem (the
certificate with which openssl found the signature to be good), signatures.json (who, when, of what). Standard library only: below
is as much of DER (ITU-T X.690) as is needed. With VITRINE_TRUST in the environment each signer must be named by the certificate.
Exit status 0 if nothing is wrong, 1 otherwise.
"""

import base64
import datetime
import hashlib
import json
import os
import re
import sys

DIGESTS = {"2.16.840.1.101.3.4.2.1": "sha256", "2.16.840.1.101.3.4.2.2": "sha384", "2.16.840.1.101.3.4.2.3": "sha512"}
RSA, PSS, EC = "1.2.840.113549.1.1.1", "1.2.840.113549.1.1.10", "1.2.840.10045.2.1"
ED25519, ED448 = "1.3.101.112", "1.3.101.113"
# Signature algorithm: the key's algorithm, and the digest that it holds itself.
ALGORITHMS = {
    RSA: (RSA, None), PSS: (None, None), ED25519: (ED25519, None), ED448: (ED448, None),
    "1.2.840.113549.1.1.11": (RSA, "sha256"), "1.2.840.113549.1.1.12": (RSA, "sha384"),
    "1.2.840.113549.1.1.13": (RSA, "sha512"), "1.2.840.10045.4.3.2": (EC, "sha256"),
    "1.2.840.10045.4.3.3": (EC, "sha384"), "1.2.840.10045.4.3.4": (EC, "sha512"),
}
CONTENT_TYPE, SIGNING_TIME = "1.2.840.113549.1.9.3", "1.2.840.113549.1.9.5"
BINDING, TOKEN_BINDING = "1.2.840.113549.1.9.16.2.47", "1.2.840.113549.1.9.16.2.12"
DATA, STAMP = "1.2.840.113549.1.7.1", "1.2.840.113549.1.9.16.1.4"
NOT_FOR_PERSONS = {"1.3.6.1.5.5.7.3.1", "1.3.6.1.5.5.7.3.8", "1.3.6.1.5.5.7.3.9", "1.3.6.1.5.5.7.3.10",
                   "1.3.6.1.4.1.311.10.3.3", "2.16.840.1.113730.4.1"}
FOR_PERSONS = {"1.3.6.1.5.5.7.3.2", "1.3.6.1.5.5.7.3.3", "1.3.6.1.5.5.7.3.4", "2.5.29.37.0"}


class Wrong(Exception):
    """What is wrong, in words."""


def need(condition, text):
    if not condition:
        raise Wrong(text)


def plain(text):
    return "".join(c if c.isprintable() else "\\u{%X}" % ord(c) for c in str(text))


class Element:
    """One DER element: its tag, its bytes, the bytes within."""

    def __init__(self, data, place=0):
        need(place + 2 <= len(data), "DER: it is cut off")
        self.tag, length, start = data[place], data[place + 1], place + 2
        need(self.tag & 31 != 31, "DER: a long tag")
        if length >= 128:
            count = length - 128
            need(1 <= count <= 4 and start + count <= len(data), "DER: no definite length")
            length = int.from_bytes(data[start : start + count], "big")
            need(length >= 128 and length >= 1 << 8 * (count - 1), "DER: a length is not written in the shortest way")
            start += count
        self.end = start + length
        need(self.end <= len(data), "DER: it is cut off")
        self.content, self.whole = data[start : self.end], data[place : self.end]

    def parts(self):
        found, place = [], 0
        while place < len(self.content):
            found.append(Element(self.content, place))
            place = found[-1].end
        return found

    def identifier(self):
        need(self.tag == 6 and self.content, "DER: no object identifier")
        numbers, value = [], 0
        for byte in self.content:
            value = value << 7 | byte & 127
            if byte < 128:
                numbers.append(value)
                value = 0
        first = min(numbers[0] // 40, 2)
        return ".".join(map(str, [first, numbers[0] - 40 * first] + numbers[1:]))

    def time(self):
        text = self.content.decode("ascii")
        if self.tag == 0x17:
            text = ("20" if text[:2] < "50" else "19") + text
        need(self.tag in (0x17, 0x18) and re.fullmatch(r"\d{14}(\.\d+)?Z", text), "DER: a time in another form")
        return datetime.datetime.strptime(text[:14], "%Y%m%d%H%M%S")


def check_all(element, depth=0):
    """Every element within is whole and written in the shortest way."""
    need(depth < 40, "DER: too deep")
    if element.tag & 0x20:
        for part in element.parts():
            check_all(part, depth + 1)


def algorithm(element):
    """An algorithm's identifier, and whether it stands without parameters."""
    parts = element.parts()
    return parts[0].identifier(), len(parts) == 1 or parts[1].whole == b"\x05\x00"


class Certificate:
    """What is asked of a certificate (RFC 5280)."""

    def __init__(self, der):
        self.der = der
        parts = Element(der).parts()[0].parts()
        if parts[0].tag == 0xA0:
            parts = parts[1:]
        serial, _, issuer, validity, subject, key = parts[:6]
        self.serial, self.issuer, self.key = serial.whole, issuer.whole, key.whole
        self.begins, self.ends = (part.time() for part in validity.parts())
        self.key_type = key.parts()[0].parts()[0].identifier()
        self.names = [
            pair.parts()[1].content.decode("utf-8", "replace") for group in subject.parts() for pair in group.parts()
            if pair.parts()[0].identifier() == "2.5.4.3"]
        self.extensions = {}
        for part in parts[6:]:
            if part.tag == 0xA3:
                for extension in part.parts()[0].parts():
                    pieces = extension.parts()
                    self.extensions[pieces[0].identifier()] = Element(pieces[-1].content)

    def check(self, date):
        """Whether it carries a person's signature of that time."""
        need(self.begins <= date <= self.ends, "its certificate was not valid on %s" % date)
        usage = self.extensions.get("2.5.29.15")
        if usage:
            need(len(usage.content) > 1 and usage.content[1] & 0xC0, "its certificate's key usage is not signatures")
        if "2.5.29.37" in self.extensions:
            purposes = {part.identifier() for part in self.extensions["2.5.29.37"].parts()}
            need(
                purposes & FOR_PERSONS or not purposes & NOT_FOR_PERSONS,
                "its certificate is for servers, OCSP or time-stamps only")


class Signature:
    """A CMS SignedData (RFC 5652) of one signer."""

    def __init__(self, der, kind):
        outer = Element(der)
        need(outer.end == len(der), "something follows it")
        check_all(outer)
        need(outer.parts()[0].identifier() == "1.2.840.113549.1.7.2", "it is no CMS signature")
        version, _, content, *rest = outer.parts()[1].parts()[0].parts()
        certificates, lists = ([part for part in rest if part.tag == tag] for tag in (0xA0, 0xA1))
        need(not lists, "it holds revocation lists, which no signature covers")
        self.certificates = [Certificate(part.whole) for group in certificates for part in group.parts()]
        signers = rest[-1].parts()
        need(len(signers) == 1, "not exactly one signer")
        own, self.signer, digest, *rest = signers[0].parts()
        self.by_key = self.signer.tag == 0x80
        expected = 3 if self.by_key else 1
        versions = (3 if kind == "timestamp" else expected, expected)
        need((version.content, own.content) == tuple(bytes([number]) for number in versions), "its version numbers")
        self.content_type = content.parts()[0].identifier()
        self.content = content.parts()[1].parts()[0].content if len(content.parts()) > 1 else None
        need(rest and rest[0].tag == 0xA0, "it has no signed attributes")
        self.attributes = {part.parts()[0].identifier(): part.parts()[1].parts()[0] for part in rest[0].parts()}
        self.unsigned = [part for part in rest if part.tag == 0xA1]
        self.digest, self.algorithm = algorithm(digest), algorithm(rest[1])

    def check(self, kind, certificate):
        """Form and algorithms, given the certificate that verifies it."""
        need(self.content_type == (STAMP if kind == "timestamp" else DATA), "its content is of another type")
        need(self.attributes[CONTENT_TYPE].identifier() == self.content_type, "its signed content type is another one")
        need(kind == "timestamp" or self.content is None, "it is not detached")
        need(BINDING in self.attributes or kind == "timestamp", "it has no signing-certificate-v2, which CAdES-B demands")
        need(self.digest[1] and self.digest[0] in DIGESTS, "its digest is none of SHA-256, SHA-384 and SHA-512")
        need(self.algorithm[0] in ALGORITHMS, "its signature algorithm is unknown or of another digest, e.g. SHA-1")
        key, digest = ALGORITHMS[self.algorithm[0]]
        if self.algorithm[0] != PSS:
            need(self.algorithm[1] and key == certificate.key_type, "its signature algorithm is not that of the certificate's key")
            need(digest in (None, DIGESTS[self.digest[0]]), "its signature algorithm has another digest")
        if not self.by_key:
            issuer, serial = self.signer.parts()
            need((issuer.whole, serial.whole) == (certificate.issuer, certificate.serial), "it names another certificate")


def check_stamp(signature, content):
    """The time of a token (RFC 3161) over this content."""
    parts = Element(signature.content).parts()
    imprint, digest = parts[2].parts()
    need(DIGESTS.get(algorithm(imprint)[0]) == "sha256" and algorithm(imprint)[1], "the token's imprint is not SHA-256")
    need(digest.content == hashlib.sha256(content).digest(), "the token is over something else")
    return parts[4].time()


def read(path):
    with open(path, "rb") as file:
        return file.read()


def pem(path):
    text = re.search("-----BEGIN CERTIFICATE-----(.*?)-----END CERTIFICATE-----", read(path).decode("ascii"), re.DOTALL)
    return base64.b64decode(text[1])


def check(work, number, found, seen):
    base = os.path.join(work, str(number))
    signature = Signature(read(base + ".signature"), found["kind"])
    others = signature.certificates
    if found["kind"] == "timestamp":
        moment = check_stamp(signature, read(base + ".content"))
        candidates = [item for item in others if signature.by_key or
                      (item.issuer, item.serial) == tuple(part.whole for part in signature.signer.parts())]
        need(candidates, "it does not hold the authority's certificate")
        certificate = candidates[0]
        need(certificate.begins <= moment <= certificate.ends, "the authority's certificate was not valid at %s" % moment)
        signature.check("timestamp", certificate)
        for other in seen:
            date = other.get("moment")
            if other["file"] in found["covers"] and date and date - moment > datetime.timedelta(minutes=10):
                raise Wrong("it is of %s, before %s says that it was made" % (moment, other["file"]))
        need(moment - now() <= datetime.timedelta(days=1), "it is dated in the future")
        return "time-stamp of %s" % moment
    certificate = Certificate(pem(base + ".pem"))
    signature.check("cms", certificate)
    found["moment"] = datetime.datetime.strptime(found["date"], "%Y-%m-%dT%H:%M:%S.%fZ")
    certificate.check(found["moment"])
    if SIGNING_TIME in signature.attributes:
        certificate.check(signature.attributes[SIGNING_TIME].time())
    found["key"] = certificate.key
    text = "%s, %s" % (found["name"], found["role"])
    if certificate.names != [found["name"]]:
        text += "; NOTE: the certificate names %s" % (certificate.names or "nobody")
        need(found["role"] == "person" or not os.environ.get("VITRINE_TRUST"), text)
    if signature.unsigned or len(others) > 1:
        text += "; NOTE: it holds further certificates or unsigned attributes, which nothing covers"
    return text


def check_keys(all_found):
    """Two certificates may have one key: then whoever prepared has reviewed or approved under another name, unless waived."""
    prepared = {found["key"]: found["name"] for found in all_found if found["role"] == "prepared" and "key" in found}
    for found in all_found:
        other = prepared.get(found.get("key"))
        if found["role"] in ("reviewed", "approved") and other not in (None, found["name"]) and not found["excused"]:
            raise Wrong("%s and %s have one key, that of who prepared" % (found["name"], other))
    names = {}
    for found in all_found:
        if found["role"] in ("reviewed", "approved") and "key" in found:
            other = names.setdefault(found["key"], found["name"])
            if other != found["name"]:
                raise Wrong("%s and %s have one key: that is one person under two names" % (found["name"], other))


def now():
    return datetime.datetime.now(datetime.timezone.utc).replace(tzinfo=None)


def main(work):
    with open(os.path.join(work, "signatures.json")) as file:
        listed = json.load(file)
    problems = 0
    for number, found in enumerate(listed):
        if found["kind"] == "ed25519":
            continue
        try:
            print("ok: the form of %s: %s" % (plain(found["file"]), plain(check(work, number, found, listed))))
        except Exception as error:  # whatever a forged file leads to is an answer, never a traceback
            problems += 1
            print("WRONG: %s: %s" % (plain(found["file"]), plain(error if isinstance(error, Wrong) else repr(error))))
    check_keys(listed)
    return 1 if problems else 0


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1]))
    except Exception as error:
        print("WRONG: the signatures: %s" % plain(error if isinstance(error, Wrong) else repr(error)))
        sys.exit(1)
